// The numbers of one organisation computed again, in the reader's own browser: every measure from the parts that its
// trace names, sums and means by their weights, then held against what was published. Numbers are exact fractions, so
// that no rounding of the machine enters; only the last step rounds, half up, as the method says.

const said = document.querySelector("script[data-check-none]").dataset;
const root = new URL(said.root, location.href);
const status = document.getElementById("status"), place = document.getElementById("checked");
const ADDRESS = /^o\/[a-z0-9-]{1,32}\/([0-9a-f]{2}\/)?[a-z0-9-]{1,64}\.json$/;
const SUMS = ["weighted_sum", "mean", "share_of_norms", "share_of_answers", "mean_of_shares"];

// ---- exact numbers: [numerator, denominator] ---------------------------------------------------------------------

/** "12.50" or "25/2" as a fraction. */
function exact(text) {
  const [above, below] = String(text).split("/");
  if (below) return [BigInt(above), BigInt(below)];
  const [whole, part = ""] = above.split(".");
  return [BigInt(whole + part), 10n ** BigInt(part.length)];
}
const add = ([a, b], [c, d]) => [a * d + c * b, b * d];
const times = ([a, b], [c, d]) => [a * c, b * d];
const divide = ([a, b], [c, d]) => [a * d, b * c];
const same = ([a, b], [c, d]) => a * d === c * b;
const least = (one, other) => (one[0] * other[1] <= other[0] * one[1] ? one : other);

/** Rounded half up, with so many decimals, as text. */
function rounded([above, below], decimals) {
  const scale = 10n ** BigInt(decimals);
  const digits = ((2n * above * scale + below) / (2n * below)).toString().padStart(decimals + 1, "0");
  return decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
}
const shown = (text) => (said.lang === "ru" ? String(text).replace(".", ",") : String(text));

// ---- one measure ---------------------------------------------------------------------------------------------------

/** Points of one part from what was counted; `null` where the trace has only their points. */
function pointsOf(part) {
  if (part.answered) return times([100n, 1n], divide(exact(part.satisfied), exact(part.answered)));
  return part.points === undefined ? null : exact(part.points);
}

/** What a trace adds up to, as a fraction; `null` where its formula is not a sum that can be done here. */
function computed(trace) {
  if (trace.formula === "items_times_step" && trace.parts.length === 1 && trace.parts[0].value !== undefined) {
    return least([100n, 1n], times(exact(trace.parts[0].value), exact(trace.arguments.step)));
  }
  if (!SUMS.includes(trace.formula)) return null;
  let sum = [0n, 1n], weights = [0n, 1n];
  for (const part of trace.parts) {
    const points = part.absence ? null : pointsOf(part);
    if (points && part.weight) {
      sum = add(sum, times(exact(part.weight), points));
      weights = add(weights, exact(part.weight));
    }
  }
  return weights[0] ? divide(sum, weights) : null;
}

/** Sentences about a score that does not follow from its trace; none where all is right. */
function faults(score, byMeasure) {
  const { trace } = score, found = [];
  const result = computed(trace) || exact(trace.exact);
  if (!same(result, exact(trace.exact)) || rounded(result, trace.decimals) !== trace.points) found.push(said.checkWrong);
  for (const part of trace.parts) {
    const own = part.measure && byMeasure.get(part.measure)?.trace;
    if (own?.exact && part.points !== undefined && !same(exact(part.points), exact(own.exact))) found.push(`${said.checkApart} ${part.measure}`);
  }
  return found;
}

/** A trace in a line: what was counted, with weights. */
function line(trace) {
  return trace.parts.filter((part) => !part.absence).map((part) => {
    const name = part.measure || part.question || part.parameter;
    const counted = part.answered ? `${part.satisfied}/${part.answered}` : part.value !== undefined ? `${part.value}${part.norm ? `/${part.norm}` : ""}` : "";
    const points = part.points === undefined ? "" : shown(part.points);
    return [name, counted, points && part.weight ? `${shown(part.weight)} × ${points}` : points].filter(Boolean).join(" ");
  }).join("; ");
}

// ---- the page --------------------------------------------------------------------------------------------------------

function node(name, text = "", given = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
  return made;
}

function table(title, scores, byMeasure) {
  const made = node("table", "", { class: "cards" }), head = node("tr"), body = node("tbody");
  made.append(node("caption", title), node("thead"), body);
  made.querySelector("thead").append(head);
  const names = [said.checkMeasure, said.checkPublished, said.checkComputed, said.checkTrace];
  head.append(...names.map((name) => node("th", name, { scope: "col" })));
  let wrong = 0;
  for (const score of scores) {
    const { trace } = score, told = faults(score, byMeasure), row = node("tr");
    wrong += told.length > 0;
    const points = rounded(computed(trace) || exact(trace.exact), trace.decimals);
    row.append(
      node("th", score.measure, { scope: "row" }),
      node("td", score.points === null ? "—" : shown(score.points), { "data-l": names[1], class: "n" }),
      node("td", shown(points), { "data-l": names[2], class: "n" }),
      node("td", [line(trace), ...told].join(" — "), { "data-l": names[3] }),
    );
    body.append(row);
  }
  return [made, wrong];
}

/** Whether count and mean of ratings follow from how many gave each mark. */
function ratingsAgree({ count, mean, distribution }) {
  const number = distribution.reduce((sum, one) => sum + one, 0);
  if (number !== count) return false;
  const sum = distribution.reduce((whole, one, at) => whole + one * (at + 1), 0);
  const decimals = mean === null ? 0 : (mean.split(".")[1] || "").length;
  return mean === null || rounded([BigInt(sum), BigInt(number)], decimals) === mean;
}

function show(found, address) {
  const { organization } = found, title = organization.short_name || organization.name;
  let wrong = ratingsAgree(found.ratings) ? 0 : 1, number = 1;
  const heading = node("h2"), link = node("a", title, { href: new URL(address.replace(/json$/, "html"), root) });
  heading.append(link);
  place.replaceChildren(heading);
  for (const round of found.assessments) {
    const own = found.scores.filter((score) => score.assessment_id === round.assessment_id);
    const traced = own.filter((score) => score.trace?.exact !== undefined);
    if (!traced.length) continue;
    const [made, faulty] = table(round.title, traced, new Map(own.map((score) => [score.measure, score])));
    place.append(made);
    wrong += faulty;
    number += traced.length;
  }
  const { count, mean } = found.ratings;
  place.append(node("p", `${said.checkRatings}: ${count}${mean === null ? "" : `, ${shown(mean)}`}`));
  place.hidden = false;
  status.textContent = wrong ? `${said.checkWrong}: ${wrong}` : `${said.checkRight}: ${number}`;
}

async function run() {
  const address = new URLSearchParams(location.search).get("o") || "";
  if (!ADDRESS.test(address)) {
    status.textContent = said.checkNone;
    return;
  }
  try {
    const answer = await fetch(new URL(address, root));
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json(), address);
  } catch {
    status.textContent = said.checkFailed;
  }
}

run();
