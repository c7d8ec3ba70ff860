"use strict";
// Reads /api/state once a second and writes text nodes only: copy from a topic can never become markup.
const token = location.hash.slice(1) || sessionStorage.getItem("token") || "";
if (location.hash) { sessionStorage.setItem("token", token); history.replaceState(null, "", "/"); }
const at = (id) => document.getElementById(id);
const text = (id, value) => { const node = at(id); if (node.textContent !== String(value)) node.textContent = value; };
const number = new Intl.NumberFormat("en");
const ms = (value) => (value === null || value === undefined ? "–" : value < 10000 ? `${number.format(Math.round(value))} ms` : `${(value / 1000).toFixed(1)} s`);

function make(tag, name, content) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (content !== undefined) node.textContent = content;
  return node;
}

function hue(word) {
  let sum = 0;
  for (const letter of word) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}

function card(creative) {
  const root = make("article", "card");
  const band = make("div", "band");
  const angle = hue(creative.category || creative.campaign_id);
  band.style.background = `linear-gradient(120deg, hsl(${angle} 55% 42%), hsl(${(angle + 50) % 360} 60% 55%))`;
  band.append(make("span", "", (creative.category || "").replace(".", " › ")), make("span", "", creative.slot.replace("_", " ")));
  const body = make("div", "body");
  body.append(make("div", "brand", creative.brand), make("h3", "", creative.headline), make("p", "", creative.description), make("span", "cta", creative.cta));
  const what = [creative.by_model ? "written by the model" : "approved template", `for a ${creative.audience}`, `because: ${creative.trigger}`];
  if (creative.latency_ms !== null) what.push(ms(creative.latency_ms));
  root.append(band, body, make("footer", "", what.join(" · ")));
  return root;
}

function spark(values) {
  const svg = at("spark"), top = Math.max(1, ...values), step = 300 / Math.max(1, values.length - 1);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", values.map((v, i) => `${(i * step).toFixed(1)},${(46 - 44 * v / top).toFixed(1)}`).join(" "));
  for (const [name, value] of [["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"], ["vector-effect", "non-scaling-stroke"]]) line.setAttribute(name, value);
  svg.replaceChildren(line);
}

let newest = "";
function draw(state) {
  text("rate", number.format(Math.round(state.events_per_s)));
  spark(state.history);
  text("shifts", number.format(state.requests.shift || 0));
  text("firsts", `${number.format(state.requests.first || 0)} first profiles`);
  text("model", number.format(state.creatives.model || 0));
  text("template", `${number.format(state.creatives.template || 0)} from templates, ${number.format(state.creatives.shared || 0)} shared`);
  text("p95", ms(state.latency_ms.p95));
  text("p50", `p50 ${ms(state.latency_ms.p50)}, p99 ${ms(state.latency_ms.p99)}`);
  text("lag", number.format(Object.values(state.lag).reduce((a, b) => a + b, 0)));
  text("groups", Object.entries(state.lag).map(([group, n]) => `${group} ${number.format(n)}`).join(", "));
  text("dead", number.format(state.dead_letters.total));
  text("deadwhy", Object.entries(state.dead_letters.by_reason).map(([why, n]) => `${why} ${n}`).join(", "));
  at("nocards").hidden = state.cards.length > 0;
  const first = state.cards.map((c) => c.creative_id).join();
  if (first !== newest) { newest = first; at("cards").replaceChildren(...state.cards.map(card)); }
}

const weights = (pairs) => pairs.map(([name, weight]) => `${name} ${Math.round(weight * 100)}%`).join(", ");
function row(why) {
  const line = make("tr");
  line.append(
    make("td", "", new Date(why.ts_ms).toLocaleTimeString()), make("td", "code", why.user),
    make("td", "", why.kind === "shift" ? `shift (score ${why.score})` : why.kind),
    make("td", "gained", weights(why.gained.length ? why.gained : why.top.slice(0, 3))), make("td", "lost", weights(why.lost)),
    make("td", "", why.status ? `${why.status}${why.model_ms ? `, ${ms(why.model_ms)}` : ""}` : "…"), make("td", "", why.headline));
  return line;
}

async function reasons() {
  const answer = await fetch("/api/reasons", { headers: { Authorization: `Bearer ${token}` } });
  const open = answer.ok;
  at("reasons").hidden = !open;
  at("locked").hidden = open;
  if (open) at("reasons").tBodies[0].replaceChildren(...(await answer.json()).reasons.slice(0, 40).map(row));
}

async function tick() {
  try {
    const answer = await fetch("/api/state");
    const state = await answer.json();
    draw(state);
    if (token) await reasons();
    text("state", state.stale ? `stale since ${Math.round(state.age_s)} s: the broker does not answer` : state.history.length ? "live" : "connecting");
    at("state").className = state.stale ? "pill away" : "pill live";
  } catch {
    text("state", "page process is away");
    at("state").className = "pill away";
  }
  setTimeout(tick, 1000);
}
tick();
