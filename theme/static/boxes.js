// Parts of a photograph that are to be blurred, drawn with a pointer over it. A drawn part fills the first empty row of the
// four fields below, which are what is sent; typing in them moves the part. Without a script the fields are all there is.

const SIDES = ["left", "top", "width", "height"];

function rows(form) {
  return [...form.querySelectorAll("fieldset.sides")].map((row) => [...row.querySelectorAll("input")]);
}

function draw(canvas, form) {
  canvas.querySelectorAll("i").forEach((part) => part.remove());
  for (const fields of rows(form)) {
    const values = fields.map((field) => Number.parseFloat(field.value.replace(",", ".")));
    if (values.some((value) => Number.isNaN(value))) continue;
    const part = document.createElement("i");
    SIDES.forEach((side, at) => part.style.setProperty(side, `${values[at]}%`));
    canvas.append(part);
  }
}

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  const share = (value, size) => Math.min(100, Math.max(0, (100 * value) / size));
  return [share(event.clientX - box.left, box.width), share(event.clientY - box.top, box.height)];
}

for (const canvas of document.querySelectorAll(".canvas[data-photo]")) {
  const form = document.getElementById(`f-${canvas.dataset.photo}`);
  if (!form) continue;
  let start = null;
  let fields = null;
  canvas.querySelector("img").draggable = false;
  form.addEventListener("input", () => draw(canvas, form));
  canvas.addEventListener("pointerdown", (event) => {
    fields = rows(form).find((row) => row.every((field) => !field.value));
    if (!fields) return;
    start = place(canvas, event);
    canvas.setPointerCapture(event.pointerId);
    form.querySelector("details").open = true;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!start) return;
    const now = place(canvas, event);
    const low = [Math.min(start[0], now[0]), Math.min(start[1], now[1])];
    const size = [Math.abs(start[0] - now[0]), Math.abs(start[1] - now[1])];
    [...low, ...size].forEach((value, at) => {
      fields[at].value = value.toFixed(1);
    });
    draw(canvas, form);
  });
  const end = () => {
    // A click without a movement is no part.
    if (start && Number(fields[2].value) < 0.5) for (const field of fields) field.value = "";
    start = null;
    draw(canvas, form);
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
}
