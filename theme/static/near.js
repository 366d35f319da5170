// What is near: the place of the reader stays in the browser, which asks for the cells of the map around it.

import { count, facts, foreign, item, kindFilter, mixed, node, pages, root, say, settled, tray, whole, words } from "./choose.js";
import { asRecord } from "./search-index.js";
import { hashOf, isNear, skeleton, stem, termsOf, wordsOf } from "./search-text.js";

const PER_DEGREE = 20, FARTHEST = 200, ENOUGH = 60, PAGE = 12, PLACES = 12; // cells of nok/search_store.py; km; organisations
const form = document.getElementById("near"), status = document.getElementById("status");
const results = document.getElementById("results"), places = document.getElementById("places"), more = document.getElementById("more");
const isEnglish = document.documentElement.lang.startsWith("en"); // then a town is shown by its customary English name
let place = null, found = [], shown = PAGE, turn = 0;

async function read(kind, name) {
  const answer = await fetch(new URL(`near/${kind}/${name}.json`, root));
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Kilometres between two points on a ball. */
function distance(from, to) {
  const radians = Math.PI / 180, half = (degrees) => Math.sin((degrees * radians) / 2) ** 2;
  const inner = half(to.latitude - from.latitude)
    + Math.cos(from.latitude * radians) * Math.cos(to.latitude * radians) * half(to.longitude - from.longitude);
  return 12742 * Math.asin(Math.min(1, Math.sqrt(inner)));
}

/** How far the nearest point of a square is, whose south-western corner and side are in degrees. */
function distanceToSquare(from, south, west, side) {
  const eastward = ((from.longitude - west) % 360 + 540) % 360 - 180; // across the antimeridian too
  const longitude = Math.min(Math.max(eastward, 0), side) + west;
  const latitude = Math.min(Math.max(from.latitude, south), south + side);
  return distance(from, { latitude, longitude });
}

function square(name, perDegree) {
  const [south, west] = name.split("_").map(Number);
  return [south / perDegree - 90, west / perDegree - 180, 1 / perDegree];
}

/** The organisations around a place, the nearest first: cells are opened from the nearest on until enough have come. */
async function around(from, filter, wanted) {
  const areas = (await read("a", "all")) || [];
  const near = areas.map((name) => ({ name, far: distanceToSquare(from, ...square(name, 1)) }))
    .filter(({ far }) => far <= FARTHEST).sort((one, other) => one.far - other.far);
  const cells = [], list = [];
  let opened = 0;
  for (const area of near) {
    if (list.length >= wanted && list[wanted - 1].far <= area.far) break;
    for (const name of Object.keys((await read("a", area.name)) || {})) cells.push({ name, far: distanceToSquare(from, ...square(name, PER_DEGREE)) });
    const next = near[near.indexOf(area) + 1];
    const sure = cells.filter(({ far, isOpen }) => !isOpen && (!next || far <= next.far)).sort((one, other) => one.far - other.far);
    for (let at = 0; at < sure.length; at += 4) {
      const batch = sure.slice(at, at + 4);
      if (list.length >= wanted && list[wanted - 1].far <= batch[0].far) break;
      if (batch[0].far > FARTHEST || ++opened > 60) break;
      for (const cell of batch) cell.isOpen = true;
      const rows = (await Promise.all(batch.map((cell) => read("n", cell.name)))).flat().filter(Boolean);
      for (const row of rows) {
        const record = asRecord(row);
        if (filter(record)) list.push({ ...record, far: distance(from, record) });
      }
      list.sort((one, other) => one.far - other.far);
    }
  }
  return list;
}

function asFar(kilometres) {
  const metres = 50 * Math.round((1000 * kilometres) / 50);
  if (metres < 50) return words.nearHere;
  if (metres < 1000) return say("metres", { number: whole(metres) });
  return say("kilometres", { number: new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: kilometres < 10 ? 1 : 0 }).format(kilometres) });
}

async function look(isAsked = true) {
  if (!place) return;
  const mine = ++turn, kinds = kindFilter(form.elements.kind.value), band = Number(form.elements.band?.value || 0);
  status.textContent = words.searching;
  places.hidden = true;
  try {
    const list = await around(place, (one) => !one.closed && (!kinds.size || kinds.has(one.kind)) && one.level >= band, ENOUGH);
    if (mine !== turn) return;
    found = list;
    show();
    if (isAsked) document.getElementById("found").focus({ preventScroll: true });
  } catch {
    if (mine === turn) status.textContent = words.failed;
  }
}

function show() {
  results.replaceChildren(...found.slice(0, shown).map((record) => item(record, asFar(record.far))));
  const where = place.shown ? say("nearFound", { place: place.shown }) : words.nearYou;
  status.replaceChildren(mixed(found.length ? where : say("nearNone", { km: FARTHEST })));
  more.hidden = found.length <= shown;
  tray();
}

/** How well a word that was typed fits one of a name: 0 to 1; in another alphabet by what all spellings have in common. */
function grade(asked, own) {
  const isSame = isLatin(asked.word) === isLatin(own.word);
  const [typed, known] = isSame ? [asked.word, own.word] : [skeleton(asked.word), skeleton(own.word)];
  if (typed === known) return 1;
  if (isSame && (asked.term === own.term)) return 0.95;
  if (typed.length > 1 && known.startsWith(typed)) return 0.8;
  return known.length > 3 && (isNear(known, typed) || (isSame && isNear(own.term, stem(asked.word)))) ? 0.6 : 0;
}

function isLatin(word) {
  return /^[a-z]/.test(word);
}

/** Towns, villages and districts whose names fit what was typed, one slip forgiven; those with most organisations first. */
async function named(text) {
  const terms = termsOf(text);
  if (!terms.length) return [];
  const shards = [...new Set(terms.map(({ word }) => hashOf(`^${[...skeleton(word)].slice(0, 2).join("")}`) & (facts.places - 1)))];
  const rows = (await Promise.all(shards.map((shard) => read("l", shard)))).flat().filter(Boolean);
  const best = (asked, text) => Math.max(0, ...termsOf(text).map((own) => grade(asked, own)));
  const found = new Map();
  for (const [name, region, latitude, longitude, number, district = "", english = []] of rows) {
    const own = terms.map((asked) => best(asked, [name, ...english].join(" "))), beside = `${district} ${facts.regions[region] || ""}`;
    if (!own.some(Boolean)) continue;
    const score = terms.reduce((sum, asked, at) => sum + Math.max(own[at], best(asked, beside) / 2), 0);
    const key = [region, ...wordsOf(`${district} ${name}`).filter((word) => word !== "г")].join(" "), other = found.get(key); // «Томск» is «г. Томск»
    if (!other || other.number < number) found.set(key, { name, shown: (isEnglish && english[0]) || name, region, latitude, longitude, number, district, score });
  }
  const most = Math.max(...[...found.values()].map(({ score }) => score));
  return [...found.values()].filter(({ score }) => score > most - 0.01).sort((one, other) => other.number - one.number);
}

async function typed(isAsked = true) {
  const text = form.elements.q.value.trim();
  if (!text) return;
  try {
    const list = await named(text);
    results.replaceChildren();
    more.hidden = true;
    if (list.length === 1 && list[0].latitude !== null) return go(list[0], isAsked);
    places.hidden = !list.length;
    status.textContent = list.length ? words.placeFound : words.placeNone;
    if (list.length > PLACES) status.textContent += ` ${count("placeMore", list.length - PLACES)}`;
    places.replaceChildren(...list.slice(0, PLACES).map(offered));
  } catch {
    status.textContent = words.failed;
  }
}

/** A place to choose; one none of whose organisations stands on the map leads to the search among them. */
function offered(one) {
  const title = [one.shown, one.district, facts.regions[one.region] || one.region].filter(Boolean).join(", ");
  const line = node("li");
  if (one.latitude === null) {
    const found = new URL(`search/?${new URLSearchParams({ place: one.name, region: one.region })}`, pages);
    line.append(foreign(node("a", title, { href: found.href }), title), " ", node("span", words.placeUnplaced, { className: "soft" }));
    return line;
  }
  const button = foreign(node("button", title, { type: "button", className: "btn" }), title);
  button.addEventListener("click", () => go(one));
  line.append(button, " ", node("span", count("found", one.number), { className: "soft" }));
  return line;
}

function go(one, isAsked = true) {
  place = one;
  shown = PAGE;
  return look(isAsked);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  typed();
});
form.addEventListener("change", (event) => {
  if (event.target.tagName === "SELECT") look();
});
more.addEventListener("click", () => {
  shown += PAGE;
  show();
});
document.getElementById("here").addEventListener("click", () => {
  status.textContent = words.searching;
  const denied = () => { status.textContent = words.placeDenied; };
  if (!navigator.geolocation) return denied();
  navigator.geolocation.getCurrentPosition(({ coords }) => go({ latitude: coords.latitude, longitude: coords.longitude }),
    denied, { maximumAge: 60000, timeout: 15000 });
});
const start = new URLSearchParams(location.search);
for (const name of ["q", "kind", "band"]) if (start.get(name) && form.elements[name]) form.elements[name].value = start.get(name);
typed(false).finally(settled);
tray();
