// What the reader keeps, and what has changed there since the last visit. Nothing of it leaves the browser, unless the
// reader sends the link or the file on.

import { aged, asPath, count, day, decimal, facts, favourites, foreign, jsonOf, kindWord, mark, mixed, node, pageOf, pages, say, settled, whole, words } from "./choose.js";

const status = document.getElementById("status"), results = document.getElementById("results"), tools = document.getElementById("tools");

/** What is remembered of an organisation to see a change by. */
function seen(found) {
  const round = found.assessments.find((one) => found.scores.some((score) => score.assessment_id === one.assessment_id && score.measure === "total"));
  const total = round && found.scores.find((score) => score.assessment_id === round.assessment_id && score.measure === "total");
  return {
    points: total?.points ?? total?.computed_points ?? "",
    state: total?.state || "not_assessed",
    year: round?.period || 0,
    method: round?.method_id || "",
    mean: found.ratings.mean || "",
    count: found.ratings.count,
  };
}

async function read(path) {
  const answer = await fetch(jsonOf(path));
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function changes(before, now) {
  if (!before) return [];
  const number = (text, digits) => (text ? decimal(Number(text), digits) : "—");
  const found = [];
  if (before.points !== now.points) found.push(say("favouritesScore", { before: number(before.points, 2), after: number(now.points, 2) }));
  const mean = (text) => (text ? Number(text).toFixed(1) : "");
  if (mean(before.mean) !== mean(now.mean)) found.push(say("favouritesMean", { before: number(mean(before.mean), 1), after: number(mean(now.mean), 1) }));
  if (now.count > before.count) found.push(say("favouritesCount", { number: whole(now.count - before.count) }));
  return found.length ? found : [words.favouritesSame];
}

/** Addresses may carry a list (`?o=…`): what the page of an organisation or a sent link asks to be added. */
function added() {
  const asked = new URLSearchParams(location.search).getAll("o").filter(asPath);
  const others = asked.filter((path) => !favourites.has(path));
  const isKept = favourites.put([...favourites.all(), ...others.map((path) => ({ path, title: "" }))]);
  if (asked.length) history.replaceState(null, "", "./");
  return { others, isKept };
}

async function run() {
  const { others, isKept } = added();
  const list = favourites.all();
  if (!list.length) {
    tools.hidden = true;
    status.textContent = words.favouritesEmpty;
    return;
  }
  status.textContent = words.searching;
  try {
    const found = await Promise.all(list.map(({ path }) => read(path)));
    const rows = list.map((kept, at) => ({ ...kept, found: found[at], now: found[at] && seen(found[at]) }));
    results.replaceChildren(...rows.map(shown));
    tools.hidden = false;
    favourites.put(rows.map(({ path, title, found: one, now, seen: before }) => (
      { path, title: one ? one.organization.short_name || one.organization.name : title, seen: now || before })));
    const names = rows.filter(({ path, found: one }) => others.includes(path) && one).map(({ found: one }) => one.organization.short_name || one.organization.name);
    status.replaceChildren(mixed([isKept ? "" : words.keptNone, names.length ? say("favouritesAdded", { name: names.join(", ") }) : ""].filter(Boolean).join(" ")));
    offer(rows);
  } catch {
    status.textContent = words.failed;
  }
}

function shown({ path, title, found, now, seen: before }) {
  const made = node("li", "", { className: "result" }), name = found ? found.organization.short_name || found.organization.name : title || path;
  const heading = node("h3");
  heading.append(foreign(found ? node("a", name, { href: pageOf(path) }) : node("span", name), name));
  made.append(heading);
  if (found) {
    const { sphere, kind, address, municipality, region_code: region } = found.organization;
    const where = [kindWord(`${sphere}/${kind || ""}`), address || municipality, facts.regions[region]].filter(Boolean).join(" · ");
    made.append(foreign(node("p", where, { className: "soft" }), address || ""));
    if (found.organization.closed_on) made.append(node("p", say("closedOn", { day: day(found.organization.closed_on) })));
    const marks = node("p", "", { className: "marks" });
    marks.append(mark(now.points, levelOf(now), now.state, now.method), now.year ? ` · ${aged(now.year, now.points, now.method, found.organization.closed_on)}` : "");
    made.append(marks);
    const said = now.mean ? `${say("citizensSay", { mean: decimal(Number(Number(now.mean).toFixed(1)), 1) })} · ${count("ofRatings", now.count)}` : words.noRatings;
    made.append(node("p", now.count && !now.mean ? say("fewRatings", { number: whole(now.count) }) : said, { className: "soft" }));
    for (const text of changes(before, now)) made.append(node("p", text, { className: "changed" }));
  } else {
    made.append(node("p", words.favouritesGone, { className: "soft" }));
  }
  const remove = node("button", words.favouritesRemove, { type: "button", className: "btn" });
  remove.setAttribute("aria-label", `${words.favouritesRemove}: ${name}`);
  remove.addEventListener("click", () => {
    favourites.toggle(path, name);
    run();
  });
  made.append(node("p"));
  made.lastChild.append(remove);
  return made;
}

function levelOf({ points, method }) {
  const total = facts.methods[method]?.criteria[0];
  const band = points && total ? total[2].find(([limit]) => Number(points) <= limit) : null;
  return band ? band[1] : 0;
}

/** The list as a file and as a link. */
function offer(rows) {
  const cell = (text) => `"${String(text).replaceAll('"', '""').replace(/^(?=[=+\-@\t])/, "'")}"`;
  const lines = [["path", "name", "year", "points", "mean", "ratings", "address"], ...rows.map(({ path, title, found, now }) => [
    path, found ? found.organization.name : title, now?.year || "", now?.points || "", now?.mean || "", now?.count ?? "", pageOf(path)])];
  const file = new Blob([`\ufeff${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`], { type: "text/csv" });
  document.getElementById("export").href = URL.createObjectURL(file);
  document.getElementById("share").href = new URL(`favourites/?${rows.map(({ path }) => `o=${path}`).join("&")}`, pages).href;
}

run().finally(settled);
