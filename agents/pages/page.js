"use strict";
// Reads /api/state once a second and writes text nodes only: copy from a topic can never become markup.
const token = location.hash.slice(1) || sessionStorage.getItem("token") || "";
if (location.hash) { sessionStorage.setItem("token", token); history.replaceState(null, "", "/"); }
const at = (id) => document.getElementById(id);
const text = (id, value) => { const node = at(id); if (node.textContent !== String(value)) node.textContent = value; };
const WRITTEN = { pool: "written ahead by the model", live: "written live by the model" };
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
  if (creative.picture) { const image = make("img"); image.src = `/assets/${encodeURIComponent(creative.picture)}`; image.alt = creative.headline; image.loading = "lazy"; band.className = "band pictured"; band.append(image); }
  band.append(make("span", "", (creative.category || "").replace(".", " › ")), make("span", "", creative.slot.replace("_", " ")));
  const body = make("div", "body");
  body.append(make("div", "brand", creative.brand), make("h3", "", creative.headline), make("p", "", creative.description), make("span", "cta", creative.cta));
  const what = [WRITTEN[creative.source] ?? (creative.by_model ? "written by the model" : "approved template"), `for a ${creative.audience}`, `because: ${creative.trigger}`];
  if (creative.latency_ms !== null) what.push(ms(creative.latency_ms));
  const foot = make("footer", "", what.join(" · "));
  if (token) foot.append(ask("why", creative.creative_id, "Why?"), ask("advice", creative.campaign_id, "Advice"));
  root.append(band, body, foot);
  return root;
}

function ask(what, name, label) {
  const button = make("button", "ask", label);
  button.addEventListener("click", () => answer(what, name));
  return button;
}

function spark(values) {
  const svg = at("spark"), top = Math.max(1, ...values), step = 300 / Math.max(1, values.length - 1);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", values.map((v, i) => `${(i * step).toFixed(1)},${(46 - 44 * v / top).toFixed(1)}`).join(" "));
  for (const [name, value] of [["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"], ["vector-effect", "non-scaling-stroke"]]) line.setAttribute(name, value);
  svg.replaceChildren(line);
}

function threshold(said) {
  at("threshold").hidden = !said;
  if (!said) return;
  const per = (value) => `${value} requests per 1,000 positive events`;
  const budget = said.wanted_per_1000 === null ? "" : `, wanted ${per(said.wanted_per_1000)}${said.seen_per_1000 === null ? "" : `, measured ${said.seen_per_1000.toFixed(1)}`}`;
  const open = said.source === "default" ? ": nothing was calibrated. After a week of traffic: shiftcast calibrate --target 5 --publish" : "";
  text("threshold", `Detector threshold ${said.threshold.toFixed(2)}, set by ${said.source}${budget}${open}`);
}

function inputs(said) {
  at("inputs").hidden = !said;
  if (!said) return;
  const shares = Object.entries(said.shares).map(([what, share]) => `${(100 * share).toFixed(1)} % ${what.replace("_", " ")}`);
  const drift = Object.entries(said.drift).map(([of, index]) => `${of} ${index.toFixed(2)} from what was calibrated on`);
  const alarms = said.alarms.map((each) => `${each.text}. To do: ${each.repair.replaceAll("`", "")}`);
  text("inputs", `Inputs: ${(alarms.length ? alarms : [...shares, ...drift]).join(", ")}`);
}

let newest = "";
function draw(state) {
  text("rate", number.format(Math.round(state.events_per_s)));
  spark(state.history);
  threshold(state.detector);
  inputs(state.inputs);
  text("shifts", number.format(state.requests.shift || 0));
  text("firsts", `${number.format(state.requests.first || 0)} first profiles`);
  text("model", number.format(state.creatives.model || 0));
  text("template", `${number.format(state.creatives.template || 0)} from templates, ${number.format(state.creatives.shared || 0)} shared`);
  text("p95", ms(state.latency_ms.p95));
  text("p50", `p50 ${ms(state.latency_ms.p50)}, p99 ${ms(state.latency_ms.p99)}`);
  text("lag", number.format(Object.values(state.lag).reduce((a, b) => a + b, 0)));
  text("groups", Object.entries(state.lag).map(([group, n]) => `${group} ${number.format(n)}`).join(", "));
  at("clickmodel").hidden = !state.click_model;
  if (state.click_model) {
    const { click, exposures } = state.click_model;
    text("clickloss", click.log_loss === null ? "–" : click.log_loss.toFixed(4));
    text("clickbase", click.log_loss === null ? `${number.format(exposures)} exposures` : `base rate ${click.base_log_loss.toFixed(4)}, AUC ${click.auc.toFixed(2)}, expected / seen ${click.calibration.toFixed(2)}${click.drift === null ? "" : `, drift ${click.drift.toFixed(2)}`}`);
  }
  text("dead", number.format(state.dead_letters.total));
  text("deadwhy", Object.entries(state.dead_letters.by_reason).map(([why, n]) => `${why} ${n}`).join(", "));
  at("nocards").hidden = state.cards.length > 0;
  const first = state.cards.map((c) => c.creative_id + c.picture).join();
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

const percent = (value, digits = 1) => (value === null ? "–" : `${(value * 100).toFixed(digits)}%`);
const measures = { ctr: "clicks", cvr: "conversions", revenue_per_user: "revenue" };
function armRows(trial) {
  return trial.arms.map((arm, at) => {
    const line = make("tr"), control = at === 0;
    const state = trial.mismatch ? `${trial.status}, arms out of proportion: not to be believed` : trial.status;
    const lifts = Object.entries(arm.lifts).filter(([, [lift]]) => lift !== null).map(([name, [lift, lo, hi]]) => `${measures[name] ?? name} ${percent(lift)} (${percent(lo)} to ${percent(hi)})`);
    line.append(
      make("td", "", control ? `${trial.id} (${state})` : ""), make("td", "", control ? trial.campaign_id : ""),
      make("td", "", `${arm.arm}, ${percent(arm.share)}${arm.holdout ? ", holdout" : ""}`),
      make("td", "", arm.users === null ? "–" : number.format(arm.users)), make("td", "", percent(arm.ctr)), make("td", "", percent(arm.cvr)),
      make("td", "", arm.revenue ?? "–"), make("td", "", control ? "control" : lifts.join("; ") || "too few users"));
    return line;
  });
}

function experiments(trials) {
  at("experiments").hidden = trials.length === 0;
  at("experiments").querySelector("tbody").replaceChildren(...trials.flatMap(armRows));
}

const money = (sums) => Object.entries(sums).map(([currency, sum]) => `${currency} ${sum}`).join(", ") || "–";
const likes = (value) => (value === null ? "–" : value.toFixed(2));
const tired = (p) => (p === null ? "–" : `${p < 0.05 ? "falls" : "not seen"} (p ${p < 0.001 ? "< 0.001" : p.toFixed(3)})`);
function earnedRow(each, name, kind) {
  const line = make("tr", kind);
  const untold = each.suppressed || (each.suppressed_cells && !each.impressions);
  const shown = untold ? "too few users to be told" : number.format(each.impressions) + (each.suppressed_cells ? `, without cells of too few users (${each.suppressed_cells})` : "");
  line.append(
    make("td", "", name), make("td", "", shown),
    make("td", "", each.ctr === null ? "–" : `${percent(each.ctr, 2)} (${percent(each.ctr_lo, 2)} to ${percent(each.ctr_hi, 2)})`),
    make("td", "", untold ? "–" : number.format(each.conversions)), make("td", "", money(each.revenue)), make("td", "", money(each.cost)),
    make("td", "", each.vcr === null ? "–" : `${percent(each.vcr, 0)} of ${number.format(each.starts)} (${percent(each.vcr_lo, 0)} to ${percent(each.vcr_hi, 0)})`),
    make("td", "", likes(each.satisfaction)), make("td", "", tired(each.fatigue_p)));
  return line;
}

async function campaigns() {
  const answer = await fetch("/api/campaigns", { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) return;
  const told = await answer.json();
  at("campaigns").hidden = told.campaigns.length === 0;
  at("campaigns").querySelector("tbody").replaceChildren(...told.campaigns.flatMap((each) => [earnedRow(each, each.campaign_id, "whole"), ...each.arms.map((arm) => earnedRow(arm, arm.arm, "arm"))]));
  const left = [told.others && `${number.format(told.others)} more campaigns`, told.cells_left_out && `${number.format(told.cells_left_out)} cells that found no room here`].filter(Boolean);
  at("morecampaigns").hidden = left.length === 0;
  text("morecampaigns", `Not shown: ${left.join(", ")}`);
}

function portrait(each) {
  const line = make("tr");
  const liked = each.interests.map(({ name, share }) => `${name} ${Math.round(share * 100)}%`).join(", ");
  line.append(
    make("td", "", each.name), make("td", "", `${number.format(each.users)} (${percent(each.share)})`), make("td", "", liked || "–"),
    ...[each.hours, each.device, each.country].map((value) => make("td", "", value ?? "–")),
    make("td", "", number.format(each.positives)), make("td", "", each.spends ?? "–"));
  return line;
}

async function portraits() {
  const answer = await fetch("/api/portraits", { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) return;
  const told = await answer.json();
  at("portraits").hidden = told.groups.length === 0; at("moregroups").hidden = !told.hidden;
  at("portraits").querySelector("tbody").replaceChildren(...told.groups.map(portrait));
  text("moregroups", `Not shown: ${told.hidden} more with fewer than ${told.least} users each`);
}

async function reasons() {
  const answer = await fetch("/api/reasons", { headers: { Authorization: `Bearer ${token}` } });
  const open = answer.ok;
  at("reasons").hidden = !open;
  at("locked").hidden = open;
  if (open) at("reasons").tBodies[0].replaceChildren(...(await answer.json()).reasons.slice(0, 40).map(row));
}

function pair(list, name, value, kind) {
  if (value !== null && value !== undefined && value !== "") list.append(make("dt", "", name), make("dd", kind || "", value));
}

function plot(lines) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const top = Math.max(...lines.flatMap((line) => line.weights), 0.01);
  svg.setAttribute("viewBox", "0 0 600 120"); svg.setAttribute("preserveAspectRatio", "none"); svg.setAttribute("class", "plot"); svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Weights of interests at the user's requests, oldest first");
  for (const { name, weights, moved } of lines) {
    const step = 596 / Math.max(1, weights.length - 1), line = document.createElementNS(svg.namespaceURI, "polyline"), title = document.createElementNS(svg.namespaceURI, "title");
    title.textContent = `${name} (${moved})`;
    line.setAttribute("points", weights.map((w, i) => `${(2 + i * step).toFixed(1)},${(116 - 112 * w / top).toFixed(1)}`).join(" "));
    line.setAttribute("class", `line ${moved}`);
    line.append(title); svg.append(line);
  }
  return svg;
}

const sold = (conversions, cvr, lo, hi, revenue) => [`${number.format(conversions)} conversions: ${percent(cvr, 2)} of clicks (${percent(lo, 2)} to ${percent(hi, 2)})`, ...revenue].join(", ");

function explained(told) {
  const list = make("dl"), earned = told.earned;
  pair(list, "Says", told.copy && `${told.copy.headline} | ${told.copy.description} | ${told.copy.cta}`);
  pair(list, "User", told.user, "code");
  pair(list, "Because", told.trigger && `${told.trigger}${told.score ? `, score ${told.score.toFixed(2)}` : ""}`);
  pair(list, "Prices", told.price && `takes ${told.price} items among alike ones than before`);
  pair(list, "Gained", weights(told.gained), "gained");
  pair(list, "Lost", weights(told.lost), "lost");
  pair(list, "Campaign", told.campaign_id && `${told.campaign_id}: ${told.campaign_because}`);
  pair(list, "Item", told.item_id && `${told.item_id}: ${told.item_because}`);
  pair(list, "Goes with", told.goes_with && `${told.goes_with}, which the user looked at or took: buyers of it buy this too`);
  pair(list, "Arm", told.arm && `${told.arm} in ${told.slot}${told.propensity === null ? "" : `, chance with the item ${told.propensity.toFixed(4)}`}`);
  pair(list, "Policy", told.policy_version, "code");
  pair(list, "Review", told.review.join(", ") || (told.status ? "no objection" : ""));
  pair(list, "Chosen of", told.drafts && `${told.drafts} accepted drafts, score ${told.draft_scores.total.toFixed(2)}`);
  for (const each of told.quotes) pair(list, "Quotes", `${each.text} (characters ${each.start} to ${each.end} of the item's text)`);
  pair(list, "Written by", told.written_by);
  pair(list, "Picture", told.picture);
  pair(list, "Its cell earned", earned && (earned.impressions ? `${number.format(earned.impressions)} impressions, ${number.format(earned.clicks)} clicks: ${percent(earned.ctr, 2)} (${percent(earned.ctr_lo, 2)} to ${percent(earned.ctr_hi, 2)})` : "nothing that may be told: too few users"));
  pair(list, "Sold", earned && earned.cvr !== null && sold(earned.conversions, earned.cvr, earned.cvr_lo, earned.cvr_hi, earned.revenue));
  for (const each of told.missing) pair(list, "Missing", each, "quiet");
  const parts = [list];
  if (told.times_ms.length > 1) parts.unshift(plot(told.lines), make("p", "quiet", `${told.lines.map((line) => `${line.name} (${line.moved})`).join(", ")}: ${told.times_ms.length} requests since ${new Date(told.times_ms[0]).toLocaleDateString()}`));
  return parts;
}

function advised(told) {
  const parts = [make("p", "", `${number.format(told.impressions)} impressions, ${number.format(told.clicks)} clicks: ${percent(told.ctr, 2)} (${percent(told.ctr_lo, 2)} to ${percent(told.ctr_hi, 2)})`)];
  const list = make("dl");
  if (told.cvr !== null) pair(list, "Sold", sold(told.conversions, told.cvr, told.cvr_lo, told.cvr_hi, told.revenue));
  if (told.hides + told.reports) pair(list, "Against it", `${number.format(told.hides)} hidden, ${number.format(told.reports)} reported`);
  pair(list, "Goal", told.goal);
  for (const each of told.advice) { pair(list, each.kind, each.says); pair(list, "", each.edit, "code"); }
  parts.push(list);
  if (!told.advice.length) parts.push(make("p", "", "Nothing is significantly worse than the rest."));
  if (told.missing_impressions) parts.push(make("p", "quiet", `To see a drop to three quarters, about ${number.format(told.missing_impressions)} more impressions are needed.`));
  return parts;
}

async function answer(what, name) {
  text("asked", what === "why" ? `Why ${name}` : `What holds ${name} back`);
  at("told").replaceChildren(make("p", "quiet", "reading…"));
  at("answer").hidden = false;
  at("answer").scrollIntoView({ behavior: "smooth" });
  const got = await fetch(`/api/${what}/${encodeURIComponent(name)}`, { headers: { Authorization: `Bearer ${token}` } });
  const told = await got.json();
  at("told").replaceChildren(...(got.ok ? (what === "why" ? explained(told) : advised(told)) : [make("p", "lost", told.error)]));
}

at("ladder").hidden = !token;
at("askladder").addEventListener("submit", ladder);
let ticks = 0;
async function tick() {
  try {
    const answer = await fetch("/api/state");
    const state = await answer.json();
    draw(state);
    gallery(state.pictures, state.without_picture);
    experiments(state.experiments);
    if (token) await reasons();
    if (token && ticks++ % 5 === 0) { await campaigns(); await portraits(); }
    text("state", state.stale ? `stale since ${Math.round(state.age_s)} s: the broker does not answer` : state.history.length ? "live" : "connecting");
    at("state").className = state.stale ? "pill away" : "pill live";
  } catch {
    text("state", "page process is away");
    at("state").className = "pill away";
  }
  setTimeout(tick, 1000);
}
tick();
