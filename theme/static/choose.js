// What search, near me, comparison and favourites share: words, facts, results, and two lists kept in the browser.

export const words = document.getElementById("words").dataset;
export const facts = JSON.parse(document.getElementById("facts").textContent);
export const language = document.documentElement.lang;
export const root = new URL(words.root || "./", location.href);
export const pages = new URL(words.lang || "./", root);
export const MOST_COMPARED = 4;

const FAVOURITES = "nok-favourites-1", COMPARED = "nok-compared-1";
const plural = new Intl.PluralRules(language);
const order = ["zero", "one", "two", "few", "many", "other"].filter((form) => plural.resolvedOptions().pluralCategories.includes(form));

/** A text of the page's catalogue; `{name}` is filled from `gaps`. */
export function say(key, gaps = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in gaps ? gaps[name] : whole));
}

/** The form of a text that goes with a number: forms stand one after another, parted by `|`. */
export function count(key, number, gaps = {}) {
  const forms = words[key].split("|");
  const form = forms[Math.max(0, order.indexOf(plural.select(number)))] || forms.at(-1);
  return form.replace(/\{(\w+)\}/g, (_, name) => ({ number: whole(number), ...gaps })[name]);
}

export function whole(number) {
  return new Intl.NumberFormat(language, { useGrouping: number >= 10000 }).format(number);
}

export function decimal(number, digits) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: Math.max(digits, 10), useGrouping: false })
    .format(number);
}

/** A day of ISO 8601 in words. */
export function day(text) {
  const said = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));
  return said.replace(/\s*г\.$/, ""); // as the other pages say it: 31 августа 2024
}

export function node(name, text = "", properties = {}) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  return Object.assign(made, properties);
}

/** The first answer stands: what waited below it is shown, and moves no more. */
export function settled() {
  document.body.classList.add("settled");
}

export function pageOf(path) {
  return new URL(`o/${path}.html`, pages).href;
}

export function jsonOf(path) {
  return new URL(`o/${path}.json`, root).href;
}

/** A path below `o/` as the pages of choosing hand it on; `null` for anything else. */
export function asPath(text) {
  return /^[a-z0-9-]+(\/[0-9a-f]{2})?\/[a-z0-9-]+$/.test(text) ? text : null;
}

/** Cyrillic texts on a page of another language are marked, so that they are read aloud rightly. */
export function foreign(element, text) {
  element.dir = "auto";
  if (language !== "ru" && /[а-яё]/i.test(text)) element.lang = "ru";
  return element;
}

/** A text of two languages: runs of Russian in it are marked on a page of another one. */
export function mixed(text) {
  const made = document.createDocumentFragment();
  const parts = language === "ru" ? [text] : text.split(/([«„№]*[\u0400-\u04ff](?:[^A-Za-z\n;]*[\u0400-\u04ff0-9»“”])?)/);
  parts.forEach((part, at) => made.append(at % 2 ? node("span", part, { lang: "ru" }) : part));
  return made;
}

// ---- lists that the browser keeps ---------------------------------------------------------------------------------

const unkept = new Map(); // where the browser keeps nothing, the page does

function kept(name) {
  try {
    const found = JSON.parse(localStorage.getItem(name) || "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return unkept.get(name) || [];
  }
}

/** False where the browser does not keep it. */
function keep(name, list) {
  unkept.set(name, list);
  try {
    localStorage.setItem(name, JSON.stringify(list));
    return true;
  } catch {
    return false;
  }
}

export const favourites = {
  all: () => kept(FAVOURITES).filter((one) => one && asPath(one.path)),
  has: (path) => favourites.all().some((one) => one.path === path),
  put: (list) => keep(FAVOURITES, list),
  toggle(path, title) {
    const others = favourites.all().filter((one) => one.path !== path);
    favourites.put(favourites.has(path) ? others : [...others, { path, title }]);
  },
};

export const compared = {
  all: () => kept(COMPARED).filter(asPath),
  put: (list) => keep(COMPARED, list.slice(0, MOST_COMPARED)),
  toggle(path) {
    const list = compared.all();
    compared.put(list.includes(path) ? list.filter((one) => one !== path) : [...list, path]);
  },
  link: (list = compared.all()) => new URL(`compare/?${list.map((path) => `o=${path}`).join("&")}`, pages).href,
};

// ---- results ------------------------------------------------------------------------------------------------------

export function kindWord(kind) {
  return facts.kinds[kind] || "";
}

export function method(id) {
  return facts.methods[id];
}

/** Points with their band, or the word of a state. */
export function mark(points, level, state, methodId) {
  const made = document.createDocumentFragment(), known = method(methodId);
  if (points) {
    made.append(node("b", decimal(Number(points), Math.max(known ? known.decimals : 2, (points.split(".")[1] || "").length))));
    const word = known && known.bands[level];
    if (word) made.append(" ", node("span", word, { className: `band b${level}` }));
  } else {
    const key = `state${(state || "not_assessed").split("_").map((part) => part[0].toUpperCase() + part.slice(1)).join("")}`;
    made.append(node("span", words[key] || words.stateNotAssessed, { className: "st" }));
  }
  return made;
}

export function citizens(record) {
  if (record.mean) return `${say("citizensSay", { mean: decimal(record.mean, 1) })} · ${count("ofRatings", record.ratings)}`;
  return record.ratings ? say("fewRatings", { number: whole(record.ratings) }) : words.noRatings;
}

/** `2023, 3 года назад`: in whole years, counted to the day of the build, as the other pages do. */
export function aged(year, points, methodId, isClosed) {
  if (!points) return String(year);
  const years = Math.max(0, facts.year - year), gap = method(methodId)?.gap;
  const told = [String(year), years ? count("yearsAgo", years) : words.thisYear];
  if (gap && years > gap && !isClosed) told.push(words.assessmentOverdue);
  return told.join(", ");
}

/** One organisation of a list, as the template of the page shapes it; `told` is said last. */
export function item(record, told = "") {
  const made = document.getElementById("result").content.firstElementChild.cloneNode(true);
  const link = made.querySelector("a");
  link.href = pageOf(record.path);
  link.textContent = record.title;
  foreign(link, record.title);
  const where = [kindWord(record.kind), record.place, facts.regions[record.region]].filter(Boolean);
  foreign(made.querySelector(".where"), record.place).textContent = where.join(" · ");
  made.querySelector(".marks").append(mark(record.points, record.level, record.state, record.method), record.year ? ` · ${aged(record.year, record.points, record.method, record.closed)}` : "");
  made.querySelector(".told").textContent = [record.closed ? say("closedOn", { day: day(record.closed) }) : "", told, citizens(record)].filter(Boolean).join(" · ");
  const add = made.querySelector(".add-compare"), star = made.querySelector(".add-favourite");
  add.setAttribute("aria-label", `${add.textContent}: ${record.title}`);
  star.setAttribute("aria-label", `${star.textContent}: ${record.title}`);
  pressed(add, compared.all().includes(record.path), words.addCompare, words.inCompare, record.title);
  pressed(star, favourites.has(record.path), words.addFavourite, words.inFavourites, record.title);
  add.addEventListener("click", () => {
    if (!compared.all().includes(record.path) && compared.all().length >= MOST_COMPARED) {
      document.getElementById("tray").firstChild?.before(`${words.compareFull} `);
      return;
    }
    compared.toggle(record.path);
    pressed(add, compared.all().includes(record.path), words.addCompare, words.inCompare, record.title);
    tray();
  });
  star.addEventListener("click", () => {
    favourites.toggle(record.path, record.title);
    pressed(star, favourites.has(record.path), words.addFavourite, words.inFavourites, record.title);
  });
  return made;
}

function pressed(button, is, off, on, title) {
  button.setAttribute("aria-pressed", is);
  button.textContent = is ? on : off;
  button.setAttribute("aria-label", `${button.textContent}: ${title}`);
}

/** The way to the comparison, once something is chosen for it. */
export function tray() {
  const place = document.getElementById("tray");
  if (!place) return;
  const list = compared.all();
  place.hidden = !list.length;
  place.replaceChildren(node("a", say("toCompare", { number: list.length }), { href: compared.link(list), className: "btn" }));
}

export function kindFilter(value) {
  if (!value) return new Set();
  if (!value.endsWith("/*")) return new Set([value]);
  const sphere = value.slice(0, -1);
  return new Set(Object.keys(facts.kinds).filter((kind) => kind.startsWith(sphere)));
}
