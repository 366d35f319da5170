// A text that is being written survives a lost page. It is kept in this browser alone, under the first letters of its
// receipt, and goes as soon as the text was taken or the field is emptied.

const field = document.getElementById("text");
const note = document.getElementById("draft");

if (field && note) {
  const name = `draft:${note.dataset.name}`;
  const said = new URLSearchParams(location.search).has("saved");
  try {
    if (said) localStorage.removeItem(name);
    const kept = localStorage.getItem(name);
    if (kept && !field.value.trim()) {
      field.value = kept;
      field.closest("details").open = true;
      note.textContent = note.dataset.found;
    }
    field.addEventListener("input", () => {
      if (field.value.trim()) localStorage.setItem(name, field.value);
      else localStorage.removeItem(name);
      note.textContent = field.value.trim() ? note.dataset.kept : "";
    });
  } catch {
    note.textContent = ""; // a browser that keeps nothing: then nothing is promised
  }
}
