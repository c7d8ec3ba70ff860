"use strict";
// Pictures, clips and what a user would be shown; page.js has `make`, `at`, `ask`, `token`.
let hung = "";
function picture(each) {
  const image = make("img");
  image.src = `/assets/${encodeURIComponent(each.file)}`;
  image.alt = `${each.headline} (${each.slot}, ${each.lang})`; image.title = image.alt;
  image.loading = "lazy"; image.width = each.w; image.height = each.h;
  return image;
}

function played(each) {
  const video = make("video");
  video.src = `/assets/${encodeURIComponent(each.clip)}`; video.poster = `/assets/${encodeURIComponent(each.file)}`;
  video.controls = true; video.muted = true; video.loop = true; video.playsInline = true; video.preload = "none";
  video.width = each.w; video.height = each.h; video.title = `${each.headline} (${each.slot}, ${each.lang})`;
  if (each.captions) {
    const track = make("track");
    track.kind = "captions"; track.label = each.lang; track.srclang = each.lang; track.src = `/assets/${encodeURIComponent(each.captions)}`;
    video.append(track);
  }
  return video;
}

function choices(select, values) {
  const known = new Set([...select.options].map((option) => option.value));
  for (const value of [...new Set(values)].sort()) if (!known.has(value)) { const option = make("option", "", value); option.value = value; select.append(option); }
}

const FILTERS = { ofcampaign: "campaign_id", ofslot: "slot", oflang: "lang", ofaudience: "audience" };
function byItem(members) {
  const items = new Map();
  for (const each of members) items.set(each.item_id, [...(items.get(each.item_id) ?? []), each]);
  return [...items.values()];
}

// What one item has in one slot hangs side by side, each over the template that drew it.
function variants(members) {
  const side = make("div", members.length > 1 ? "variants" : "");
  for (const each of members) {
    const figure = make("figure");
    figure.append(each.clip ? played(each) : picture(each));
    if (members.length > 1) figure.append(make("figcaption", "quiet", `${each.template_id}, for a ${each.audience}`));
    side.append(figure);
  }
  return side;
}

function rung(each) {
  const line = make("div", "rung");
  if (each.picture) { const image = make("img"); image.src = `/assets/${encodeURIComponent(each.picture)}`; image.alt = each.headline; image.loading = "lazy"; line.append(image); }
  const words = make("div");
  words.append(make("strong", "", each.headline), make("p", "", `${each.description} · ${each.cta}`), make("small", "quiet", `for the ${each.audience}${each.source ? `, ${WRITTEN[each.source] ?? each.source}` : ""}, until ${new Date(each.expires).toLocaleString()}`), ask("why", each.creative_id, "Why?"));
  line.append(words);
  return line;
}

function places(told) {
  if (!told.places.length) return [make("p", "quiet", "Nothing may be shown to this user.")];
  return [make("p", "quiet", told.segment ? `In segment ${told.segment}. The first of each place is shown.` : "In no segment. The first of each place is shown."), ...told.places.map((place) => {
    const group = make("div", "group"), steps = make("div", "steps");
    steps.append(...place.rungs.map(rung)); group.append(make("h3", "", `${place.campaign_id} · ${place.slot.replaceAll("_", " ")}`), steps);
    return group;
  })];
}

async function ladder(event) {
  event.preventDefault();
  at("places").replaceChildren(make("p", "quiet", "reading…"));
  try {
    const got = await fetch("/api/ladder", { headers: { Authorization: `Bearer ${token}`, "Shiftcast-User": at("ofuser").value.trim() } });
    const told = await got.json();
    at("places").replaceChildren(...(got.ok ? places(told) : [make("p", "lost", told.error)]));
  } catch {
    at("places").replaceChildren(make("p", "lost", "Not asked: the page's process is away, or the key has letters that no key has."));
  }
}
function gallery(pictures, without) {
  at("gallery").hidden = pictures.length === 0;
  at("unpictured").hidden = without === 0;
  at("unpictured").textContent = `${without} creatives have no picture of their own: it is not drawn yet, or nothing draws their item and it has no photo. Give its row images in the catalogue; where it has some, SHIFTCAST_PHOTO_HOSTS must list their host, and shiftcast_photos_total says what became of them.`;
  for (const [id, name] of Object.entries(FILTERS)) choices(at(id), pictures.map((each) => each[name]));
  const wanted = pictures.filter((each) => Object.entries(FILTERS).every(([id, name]) => !at(id).value || at(id).value === each[name]));
  const now = wanted.map((each) => each.file).join();
  if (now === hung) return;
  hung = now;
  const groups = Map.groupBy ? Map.groupBy(wanted, (each) => `${each.campaign_id} · ${each.slot.replaceAll("_", " ")}`) : new Map([["", wanted]]);
  at("shown").replaceChildren(...[...groups].sort(([a], [b]) => a.localeCompare(b)).map(([name, members]) => {
    const group = make("div", "group"), wall = make("div", "wall");
    wall.append(...byItem(members.slice(0, 12)).map(variants)); group.append(make("h3", "", name), wall);
    return group;
  }));
}
