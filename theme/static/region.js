// The list beside the map: each organisation that has a point gets a link to it. The map itself reads the address
// (`#o=<id>`), opens the point and comes into view. Without a script neither map nor links are there, and the list
// says everything.

const label = document.querySelector("script[data-label]").dataset.label;

for (const row of document.querySelectorAll("tr[data-o]")) {
  const link = document.createElement("a");
  link.className = "on-map";
  link.href = "#o=" + row.dataset.o;
  link.textContent = label;
  row.cells[0].append(" ", link);
}
