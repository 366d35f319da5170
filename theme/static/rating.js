// A rating list that sorts itself: the headings become buttons, and on a phone, where they do not stand, a choice.
// What has no number (a state, nothing) stays below, whichever way the others go.

const table = document.getElementById("rating"), body = table.tBodies[0], words = table.dataset;
const heads = [...table.tHead.rows[0].cells], titles = heads.map((head) => head.textContent), plain = titles.map((title) => title.replaceAll("\u00ad", ""));
const usual = [...body.rows];
const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
const status = Object.assign(document.createElement("p"), { className: "vh" });
status.setAttribute("role", "status");

const isNumber = (at) => heads[at].classList.contains("n");
const valueOf = (row, at) => (isNumber(at) ? row.cells[at].dataset.v : row.cells[at].textContent.trim());

/** Puts the rows in the order of a column; equals keep the order of places. */
function sort(at, isDown) {
  const known = usual.filter((row) => valueOf(row, at)), others = usual.filter((row) => !valueOf(row, at));
  const compare = (one, other) => (isNumber(at) ? Number(valueOf(one, at)) - Number(valueOf(other, at)) : order.compare(valueOf(one, at), valueOf(other, at)));
  known.sort((one, other) => (isDown ? compare(other, one) : compare(one, other)));
  show([...known, ...others], at, isDown ? "descending" : "ascending");
}

function show(rows, at = -1, direction = "") {
  body.replaceChildren(...rows);
  heads.forEach((head, number) => (number === at ? head.setAttribute("aria-sort", direction) : head.removeAttribute("aria-sort")));
  status.textContent = at < 0 ? words.usual : `${plain[at]}: ${words[direction]}`;
  select.value = at < 0 ? "" : `${at} ${direction}`;
}

heads.forEach((head, at) => {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: titles[at] });
  button.addEventListener("click", () => {
    const now = head.getAttribute("aria-sort"), first = isNumber(at) && at !== 2 ? "descending" : "ascending";
    sort(at, (now ? (now === "ascending" ? "descending" : "ascending") : first) === "descending");
  });
  head.replaceChildren(button);
});

const select = document.createElement("select"), label = document.createElement("label"), sorter = document.createElement("p");
select.id = "sort";
select.append(new Option(words.usual, ""));
plain.forEach((title, at) => ["ascending", "descending"].forEach((direction) => select.append(new Option(`${title}: ${words[direction]}`, `${at} ${direction}`))));
select.addEventListener("change", () => {
  const [at, direction] = select.value.split(" ");
  if (direction) sort(Number(at), direction === "descending");
  else show(usual);
});
label.htmlFor = "sort";
label.textContent = words.sort;
sorter.className = "sorter no-print";
sorter.append(label, select);
table.before(sorter, status);
