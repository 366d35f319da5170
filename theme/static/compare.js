// Two to four organisations side by side. Which ones stands in the address: `?o=70/school-12&o=70/school-31`.

import {
  asPath, compared, count, decimal, facts, foreign, jsonOf, kindWord, MOST_COMPARED, node, pageOf, root, say, settled, whole, words,
} from "./choose.js";
import { SearchIndex } from "./search-index.js";

const SVG = "http://www.w3.org/2000/svg";
const status = document.getElementById("status"), place = document.getElementById("table"), tools = document.getElementById("tools");
const index = new SearchIndex(new URL("search/", root), facts.shards, facts.kinds);

function chosen() {
  const asked = new URLSearchParams(location.search).getAll("o").filter(asPath);
  return [...new Set(asked)].slice(0, MOST_COMPARED);
}

async function read(address) {
  const answer = await fetch(address);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** What the table needs of one organisation; `null` where there is none. */
async function subject(path) {
  const found = await read(jsonOf(path));
  if (!found) return null;
  const organization = found.organization, round = found.assessments.find((one) => totalOf(found, one)) || found.assessments[0];
  const scores = new Map(found.scores.filter((one) => round && one.assessment_id === round.assessment_id).map((one) => [one.measure, one]));
  const medians = round ? await read(new URL(`regions/${organization.region_code}/medians.json`, root)) : null;
  return {
    path, found, organization, round, scores,
    kind: `${organization.sphere}/${organization.kind || ""}`,
    medians: medians?.[round.assessment_id]?.[organization.kind || ""] || {},
    title: organization.short_name || organization.name,
  };
}

function totalOf(found, round) {
  return found.scores.some((one) => one.assessment_id === round.assessment_id && one.measure === "total");
}

async function run() {
  const paths = chosen();
  compared.put(paths);
  document.getElementById("found").textContent = "";
  if (!paths.length) return empty(words.compareEmpty);
  status.textContent = words.searching;
  try {
    const subjects = await Promise.all(paths.map(subject));
    const missing = paths.filter((_, at) => !subjects[at]).map((path) => say("compareMissing", { path }));
    const known = subjects.filter(Boolean);
    if (!known.length) return empty(missing.join(" "));
    show(known);
    status.textContent = [...missing, ...notes(known)].join(" ");
  } catch {
    empty(words.failed);
  }
}

function empty(text) {
  status.textContent = text;
  place.hidden = tools.hidden = true;
}

function notes(subjects) {
  const found = [];
  const differ = (of) => new Set(subjects.map(of).filter(Boolean)).size > 1;
  if (subjects.length === 1) found.push(words.compareOne);
  else if (differ((one) => one.kind) || differ((one) => one.round?.method_id)) found.push(words.compareMixed);
  else if (differ((one) => one.round?.period)) found.push(words.compareYears);
  return found;
}

/** The measures of the methods that the organisations are judged by, each once. */
function measures(subjects) {
  const found = new Map();
  for (const { round } of subjects) {
    for (const [id, title, bands, maximum] of (round && facts.methods[round.method_id]?.criteria) || []) {
      if (!found.has(id)) found.set(id, { id, title: id === "total" ? words.compareTotal : title, bands, maximum });
    }
  }
  return [...found.values()];
}

function show(subjects) {
  const table = node("table", "", { className: "cards cmp" }), body = table.createTBody();
  const isOneRound = new Set(subjects.map((one) => `${one.organization.region_code} ${one.kind} ${one.round?.assessment_id}`)).size === 1;
  const column = isOneRound && Object.keys(subjects[0].medians).length ? subjects[0] : null;
  table.setAttribute("role", "table");
  table.setAttribute("aria-label", words.compareTable);
  table.prepend(head(subjects, column));
  body.setAttribute("role", "rowgroup");
  const links = row(words.name, "", [...subjects.map(linked), ...(column ? [node("td", "", { className: "drop" })] : [])]);
  links.className = "narrow"; // where the head of the table is not shown
  body.append(links);
  for (const measure of measures(subjects)) {
    const cells = subjects.map((one) => named(cell(one.scores.get(measure.id), measure, one, column), one.title));
    if (column) cells.push(named(node("td", median(column, measure)), words.compareMedian));
    body.append(row(measure.title, "", cells));
  }
  for (const [title, text, note] of [
    [words.compareYear, (one) => (one.round ? String(one.round.period) : "—")],
    [words.comparePlan, plan],
    [words.compareCitizens, citizens, words.compareCitizensNote],
    [words.where, (one) => one.organization.address || one.organization.municipality || "—"],
  ]) {
    const cells = subjects.map((one) => named(foreign(node("td", text(one)), text(one)), one.title));
    if (column) cells.push(node("td", "", { className: "drop" }));
    body.append(row(title, note, cells));
  }
  body.append(removing(subjects, column));
  place.replaceChildren(table);
  place.hidden = tools.hidden = false;
}

function head(subjects, column) {
  const made = node("thead"), names = node("tr");
  made.setAttribute("role", "rowgroup");
  names.setAttribute("role", "row");
  const titles = subjects.map((one) => {
    const title = node("th", "", { scope: "col" });
    const where = [kindWord(one.kind), facts.regions[one.organization.region_code]].filter(Boolean).join(", ");
    title.append(foreign(node("a", one.title, { href: pageOf(one.path) }), one.title), node("br"), node("span", where, { className: "soft" }));
    return title;
  });
  names.append(node("th", words.name, { scope: "col" }), ...titles, ...(column ? [node("th", words.compareMedian, { scope: "col" })] : []));
  for (const title of names.children) title.setAttribute("role", "columnheader");
  made.append(names);
  return made;
}

function row(title, note, cells) {
  const made = node("tr"), name = node("th", title, { scope: "row" });
  made.setAttribute("role", "row");
  name.setAttribute("role", "rowheader");
  if (note) name.append(node("br"), node("span", note, { className: "soft" }));
  for (const one of cells) one.setAttribute("role", "cell");
  made.append(name, ...cells);
  return made;
}

function linked(one) {
  const made = node("td");
  made.append(foreign(node("a", one.title, { href: pageOf(one.path) }), one.title));
  return made;
}

/** On a narrow screen a cell stands below its row's name and says whose it is. */
function named(made, title) {
  made.dataset.l = title;
  return made;
}

function removing(subjects, column) {
  const cells = subjects.map((one) => {
    const remove = node("button", words.compareRemove, { type: "button", className: "btn" });
    remove.setAttribute("aria-label", `${words.compareRemove}: ${one.title}`);
    remove.addEventListener("click", () => go(subjects.filter((other) => other !== one).map(({ path }) => path)));
    const made = node("td");
    made.append(remove);
    return named(made, one.title);
  });
  if (column) cells.push(node("td", "", { className: "drop" }));
  const made = row(words.compareRemove, "", cells);
  made.classList.add("no-print");
  return made;
}

/** Points with band and bar; the median stands below them where it has no column of its own. */
function cell(score, measure, one, column) {
  const td = node("td"), made = node("div");
  td.append(made);
  const points = score && (score.points ?? score.computed_points);
  if (points === null || points === undefined) {
    const key = (score || one.scores.get("total"))?.state || "not_assessed";
    made.append(node("span", words[`state${key.split("_").map((part) => part[0].toUpperCase() + part.slice(1)).join("")}`] || "—", { className: "st" }));
    return td;
  }
  const digits = Math.max(facts.methods[one.round.method_id].decimals, (points.split(".")[1] || "").length);
  made.append(node("b", decimal(Number(points), digits)));
  const band = measure.bands.find(([limit]) => Number(points) <= limit);
  if (band) made.append(" ", node("span", band[2], { className: `band b${band[1]}` }));
  made.append(bar(Number(points) / measure.maximum, band ? band[1] : 0, facts.methods[one.round.method_id].better));
  if (!column && one.medians[measure.id] !== undefined) made.append(node("span", `${words.medianShort} ${median(one, measure)}`, { className: "soft" }));
  return td;
}

function bar(share, level, isBetter) {
  const made = document.createElementNS(SVG, "svg"), track = document.createElementNS(SVG, "rect"), fill = document.createElementNS(SVG, "rect");
  made.setAttribute("class", `bar${level ? ` b${level}` : ""}`);
  made.setAttribute("aria-hidden", "true");
  const width = Math.min(Math.max(isBetter ? share : 1 - share, 0), 1);
  for (const [part, name, value] of [[track, "tr", 1], [fill, "f", width]]) {
    part.setAttribute("class", name);
    part.setAttribute("height", "12");
    part.setAttribute("rx", "2");
    part.setAttribute("width", `${(100 * value).toFixed(2)}%`);
  }
  made.append(track, fill);
  return made;
}

function median(one, measure) {
  const value = one.medians[measure.id], digits = one.round ? facts.methods[one.round.method_id].decimals : 2;
  return value === undefined ? "—" : decimal(Number(Number(value).toFixed(digits)), digits);
}

function plan({ found }) {
  const standing = found.plan_measures.filter((one) => one.status !== "cancelled");
  if (!standing.length) return words.comparePlanNone;
  return say("comparePlanDone", { done: standing.filter((one) => one.status === "done").length, all: standing.length });
}

function citizens({ found }) {
  const { mean, low, high, count: number } = found.ratings;
  if (mean === null) return number ? say("fewRatings", { number: whole(number) }) : words.noRatings;
  const one = (text) => decimal(Number(Number(text).toFixed(1)), 1);
  return `${say("meanOfFive", { mean: one(mean) })}${low && high ? ` (${one(low)}–${one(high)})` : ""} · ${count("ofRatings", number)}`;
}

function go(paths) {
  history.pushState(null, "", paths.length ? compared.link(paths) : "./");
  run();
}

// ---- adding -------------------------------------------------------------------------------------------------------

const form = document.getElementById("search"), results = document.getElementById("results"), found = document.getElementById("found");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = form.elements.q.value.trim();
  if (!text) return;
  found.textContent = words.searching;
  try {
    const answer = await index.find(text, { kinds: new Set(), regions: new Set(), place: "", band: 0 }, 8);
    found.textContent = answer.results.length ? count("found", answer.total) : words.foundNone;
    results.replaceChildren(...answer.results.map(offer));
  } catch {
    found.textContent = words.failed;
  }
});

function offer(record) {
  const made = node("li", "", { className: "result" });
  const add = node("button", words.addCompare, { type: "button", className: "btn" });
  add.setAttribute("aria-label", `${words.addCompare}: ${record.title}`);
  add.addEventListener("click", () => {
    const paths = chosen();
    if (paths.includes(record.path)) return;
    if (paths.length >= MOST_COMPARED) {
      found.textContent = words.compareFull;
      return;
    }
    go([...paths, record.path]);
    results.replaceChildren();
    form.elements.q.value = "";
    place.focus();
  });
  made.append(foreign(node("b", record.title), record.title), node("br"),
    foreign(node("span", [kindWord(record.kind), record.place, facts.regions[record.region]].filter(Boolean).join(" · "), { className: "soft" }), record.place),
    node("br"), add);
  return made;
}

document.getElementById("print").addEventListener("click", () => print());
addEventListener("popstate", run);
if (!chosen().length && compared.all().length) history.replaceState(null, "", compared.link());
run().finally(settled);
