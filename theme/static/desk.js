// Keys at the desk. They act only while the focus is inside a review, so that they disturb neither typing nor the keys of
// a screen reader: J and K go to the next and the one before, P publishes, H hides, X picks it for a decision about many.
// P and H choose only; Enter on the button decides.

const reviews = [...document.querySelectorAll("article[tabindex]")];

function go(from, step) {
  const next = reviews[reviews.indexOf(from) + step];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const at = event.target;
  if (at.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
  const key = event.key.toLowerCase();
  const review = at.closest("article[tabindex]");
  if (!review) {
    if (key === "j" && at === document.body && reviews[0]) reviews[0].focus();
    return;
  }
  if (key === "j" || key === "k") {
    event.preventDefault();
    go(review, key === "j" ? 1 : -1);
    return;
  }
  const field = review.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!field) return;
  event.preventDefault();
  field.click();
  if (key === "p") review.querySelector("form button").focus();
  if (key === "h") review.querySelector("select[name=reason]").focus();
});
