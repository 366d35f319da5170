// The map of a region: thousands of points gathered into clusters, every mark a button that a keyboard reaches, and
// under the map the list of what is in view. `#o=<id>` in the address opens a point. Without a script neither map nor
// links are there, and the list of the page says everything.

const words = document.querySelector("script[data-label]").dataset;
const box = document.querySelector(".folium-map"), map = window[box.id]; // made by the script that folium wrote
const address = new URL("points.json", document.querySelector('script[src$="map.js"]').src);
const listed = document.getElementById("in-view"), told = document.getElementById("in-view-count");
const language = document.documentElement.lang, plural = new Intl.PluralRules(language);
const order = ["zero", "one", "two", "few", "many", "other"].filter((form) => plural.resolvedOptions().pluralCategories.includes(form));
const CLOSEST = 16, LISTED = 20, IN_POPUP = 50;
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const marks = L.layerGroup().addTo(map);

for (const row of document.querySelectorAll("tr[data-o]")) {
  const link = document.createElement("a");
  link.className = "on-map";
  link.href = `#o=${row.dataset.o}`;
  link.textContent = words.label;
  link.setAttribute("aria-label", `${words.label}: ${row.querySelector("th a").textContent}`);
  row.cells[0].append(" ", link);
}

function count(key, number) {
  const forms = words[key].split("|"), at = order.indexOf(plural.select(number));
  return (forms[Math.max(0, at)] || forms.at(-1)).replace("{number}", number.toLocaleString(language));
}

function node(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function line(data, i) {
  const made = node("div"), link = node("a", data.name[i]);
  link.href = `../../${data.folder}${data.shard ? `${data.shard[i]}/` : ""}${data.id[i]}.html`;
  if (language !== "ru" && /[а-яё]/i.test(data.name[i])) link.lang = "ru";
  made.append(link, node("div", shown(data, i), "soft"));
  if (closed(data, i)) made.append(node("div", closed(data, i), "gone-since"));
  return made;
}

/** Points and band in the language of the page: the file says them in the first one. */
function shown(data, i) {
  const known = data.words?.[language];
  if (!known) return data.points[i];
  const [, number = "", word] = /^([\d.,]+ )?(.*)$/.exec(data.points[i]);
  return number.replace(/[.,]/, (1.5).toLocaleString(language)[1]) + (known[word] || word);
}

/** «Закрыта 31 августа 2024»; empty where it works. */
function closed(data, i) {
  const day = data.closed?.[i];
  if (!day) return "";
  const said = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
  return words.closed.replace("{day}", said.replace(/\s*г\.$/, "")).replace(/\.$/, "");
}

/** Points by their place; across the antimeridian they are counted on beyond 180°, as the bounds of the map are. */
function gathered(data) {
  const crosses = Math.max(...data.lon.slice(0, 5000)) - Math.min(...data.lon.slice(0, 5000)) > 180;
  const shift = crosses ? 180 : 0;
  const east = (longitude) => (crosses && longitude < 0 ? longitude + 360 : longitude);
  const places = data.id.map((_, i) => [east(data.lon[i]), data.lat[i]]);
  const index = new Supercluster({ radius: 60, maxZoom: CLOSEST });
  index.load(places.map(([longitude, latitude], i) => (
    { type: "Feature", properties: { i }, geometry: { type: "Point", coordinates: [longitude - shift, latitude] } })));
  return { data, places, index, shift };
}

function draw(known) {
  const { data, index, shift } = known, around = map.getBounds().pad(0.2), zoom = Math.min(Math.round(map.getZoom()), CLOSEST);
  const focused = document.activeElement?.closest?.(".leaflet-marker-icon")?.dataset.key;
  marks.clearLayers();
  const box = [Math.max(around.getWest() - shift, -180), around.getSouth(), Math.min(around.getEast() - shift, 180), around.getNorth()];
  for (const found of index.getClusters(box, zoom)) {
    const [longitude, latitude] = found.geometry.coordinates, place = [latitude, longitude + shift];
    const mark = found.properties.cluster ? cluster(known, found, place) : point(data, found.properties.i, place);
    const element = mark.addTo(marks).getElement();
    element.setAttribute("aria-label", mark.options.label);
    element.dataset.key = mark.options.key;
    if (mark.options.key === focused) element.focus({ preventScroll: true });
  }
  list(known);
}

/** No popup is wider than the map of a phone, none lies below the buttons. */
function room() {
  return { maxWidth: Math.min(300, map.getSize().x - 72), minWidth: 40, autoPanPaddingTopLeft: [8, 104] }; // below the buttons that zoom
}

function point(data, i, place) {
  const end = closed(data, i), icon = L.divIcon({ className: `spot b${data.level[i]}${end ? " shut" : ""}`, iconSize: [28, 28] });
  const label = [data.name[i], shown(data, i), end].filter(Boolean).join(", ");
  return L.marker(place, { icon, title: data.name[i], label, key: data.id[i] }).bindPopup(() => line(data, i), room());
}

function cluster(known, found, place) {
  const number = found.properties.point_count, label = count("cluster", number);
  const size = Math.min(64, 40 + 4 * Math.log10(number) ** 2);
  const icon = L.divIcon({ className: "cluster", iconSize: [size, size], html: node("span", number.toLocaleString(language)) });
  const mark = L.marker(place, { icon, title: label, label, key: `c${found.id}` });
  mark.on("click keypress", (event) => {
    if (event.type === "keypress" && event.originalEvent.key !== "Enter") return;
    const zoom = known.index.getClusterExpansionZoom(found.id);
    if (zoom <= CLOSEST) return void map.setView(place, zoom, { animate: !isCalm });
    const leaves = node("div", "", "leaves");
    for (const leaf of known.index.getLeaves(found.id, IN_POPUP)) leaves.append(line(known.data, leaf.properties.i));
    if (number > IN_POPUP) leaves.append(node("p", count("more", number - IN_POPUP)));
    L.popup(room()).setLatLng(place).setContent(leaves).openOn(map);
  });
  return mark;
}

/** What is in view, as a list: the same for those who do not see the map. */
function list({ data, places }) {
  const view = map.getBounds(), seen = [];
  for (let i = 0; i < places.length; i++) {
    const [longitude, latitude] = places[i];
    if (longitude >= view.getWest() && longitude <= view.getEast() && latitude >= view.getSouth() && latitude <= view.getNorth()) seen.push(i);
  }
  told.textContent = count("inView", seen.length);
  listed.replaceChildren(...seen.slice(0, LISTED).map((i) => {
    const made = node("li");
    made.append(...line(data, i).childNodes);
    return made;
  }));
}

function open({ data, places }) {
  const wanted = /^#o=([a-z0-9-]+)$/.exec(location.hash), at = wanted ? data.id.indexOf(wanted[1]) : -1;
  if (at < 0) return;
  const [longitude, latitude] = places[at];
  map.setView([latitude, longitude], Math.max(map.getZoom(), CLOSEST + 1), { animate: false });
  L.popup(room()).setLatLng([latitude, longitude]).setContent(line(data, at)).openOn(map);
  map.getContainer().scrollIntoView({ block: "center" });
}

const answer = await fetch(address);
if (answer.ok) {
  const known = gathered(await answer.json());
  document.getElementById("shut-legend").hidden = !Object.keys(known.data.closed || {}).length;
  map.on("moveend", () => draw(known));
  draw(known);
  addEventListener("hashchange", () => open(known));
  open(known);
}
