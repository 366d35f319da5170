// The page of search: the question stands in the address, so that it can be sent, kept and gone back to.

import { count, facts, item, kindFilter, node, root, say, settled, tray, whole, words } from "./choose.js";
import { SearchIndex, short } from "./search-index.js";
import { LONG_NUMBER, termsOf } from "./search-text.js";

const PAGE = 10;
const form = document.getElementById("search");
const status = document.getElementById("status"), results = document.getElementById("results");
const narrow = document.getElementById("narrow"), more = document.getElementById("more");
const index = new SearchIndex(new URL("search/", root), facts.shards, facts.kinds);
let latest = 0, shown = PAGE;

function fill() {
  const asked = new URLSearchParams(location.search);
  for (const field of form.elements) if (field.name) field.value = asked.get(field.name) || "";
  document.getElementById("refine").open = ["kind", "region", "place", "band"].some((name) => asked.get(name));
}

function asked() {
  const values = Object.fromEntries(new FormData(form));
  return {
    text: values.q.trim(),
    filters: {
      kinds: kindFilter(values.kind),
      regions: new Set(values.region ? [values.region] : []),
      place: values.place.trim(),
      band: Number(values.band || 0),
    },
  };
}

async function run(isAsked = false) {
  const turn = ++latest, { text, filters } = asked();
  narrow.hidden = more.hidden = true;
  if (!text && !filters.place) {
    results.replaceChildren();
    status.textContent = "";
    return;
  }
  status.textContent = words.searching;
  try {
    const found = await index.find(text, filters, shown);
    if (turn !== latest) return; // another question has been asked meanwhile
    show(found, text);
    if (isAsked) document.getElementById("found").focus({ preventScroll: true });
  } catch {
    if (turn === latest) status.textContent = words.failed;
  }
}

function show(found, text) {
  results.replaceChildren(...found.results.map((record) => item(record)));
  status.replaceChildren(...told(found, text).flatMap((sentence) => [sentence, node("br")]).slice(0, -1));
  more.hidden = found.results.length < shown || found.total <= shown || shown >= 5 * PAGE;
  offerRegions(found);
  tray();
}

function told(found, text) {
  if (!found.results.length) {
    const [number] = termsOf(text).filter((one) => /^\d+$/.test(one.term) && one.term.length >= LONG_NUMBER);
    if (number && !isTaxNumber(number.term)) return [words.badNumber];
    return [termsOf(text).length || !text ? words.foundNone : words.tooGeneral];
  }
  const sentences = [];
  const number = count("found", found.total);
  const isExact = found.total === found.results.length;
  sentences.push(isExact ? capital(number) : `${words.foundAbout} ${number}`);
  if (found.isOther) sentences.push(say("foundOther", { text }));
  if (found.isPartly) sentences.push(words.foundPartly);
  if (found.missing.length) sentences.push(`${words.notKnown} ${found.missing.map((word) => `«${word}»`).join(", ")}`);
  if (found.isMore) sentences.push(words.foundMore);
  return sentences;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

/** ИНН of an organisation (10 digits) or of a person in business (12): the last digits are checks. */
function isTaxNumber(digits) {
  const check = (weights) => (weights.reduce((sum, weight, at) => sum + weight * digits[at], 0) % 11) % 10;
  if (digits.length === 10) return check([2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(digits[9]);
  if (digits.length !== 12) return true;
  return check([7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(digits[10]) && check([3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(digits[11]);
}

/** The regions with most of what was found, a press away. */
function offerRegions(found) {
  const codes = Object.keys(facts.regions).filter((code) => found.regions.has(short(code)));
  narrow.hidden = codes.length < 2 || found.total <= PAGE;
  if (narrow.hidden) return;
  codes.sort((one, other) => found.regions.get(short(other)) - found.regions.get(short(one)));
  narrow.replaceChildren(`${words.byRegionFound} `, ...codes.slice(0, 6).map((code) => {
    const button = node("button", `${facts.regions[code]} ${whole(found.regions.get(short(code)))}`, { type: "button", className: "btn" });
    button.addEventListener("click", () => {
      form.elements.region.value = code;
      document.getElementById("refine").open = true;
      form.requestSubmit();
    });
    return button;
  }));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const asked = [...new FormData(form)].filter(([, value]) => value);
  history.pushState(null, "", asked.length ? `?${new URLSearchParams(asked)}` : "./");
  shown = PAGE;
  run(true);
});
form.addEventListener("change", (event) => {
  if (event.target.tagName === "SELECT" && form.elements.q.value) form.requestSubmit();
});
more.addEventListener("click", () => {
  shown += PAGE;
  run();
});
addEventListener("popstate", () => {
  fill();
  run();
});
fill();
run().finally(settled);
tray();
