// The list beside the map: each organisation that has a point gets a link which opens that point. The map itself reads
// the address (`#o=<id>`) and opens it; this module only adds the links and brings the map into view. Without a
// script neither map nor links are there, and the list says everything.

const label = document.querySelector("script[data-label]").dataset.label;
const map = document.querySelector(".folium-map");

function addLinks() {
  for (const row of document.querySelectorAll("tr[data-o]")) {
    const link = document.createElement("a");
    link.className = "on-map";
    link.href = "#o=" + row.dataset.o;
    link.textContent = label;
    row.cells[0].append(" ", link);
  }
}

function showMap() {
  if (!location.hash.startsWith("#o=")) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
}

if (map) {
  addLinks();
  showMap();
  addEventListener("hashchange", showMap);
}
