// A button beside each piece of code that people take to their own site. Without a script the code is there to be
// selected by hand.

const { copy, copied } = document.querySelector("script[data-copy]").dataset;

for (const code of document.querySelectorAll("#embed ~ details pre, pre.copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = copy;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = copied;
    } catch {
      getSelection().selectAllChildren(code); // the page may not write to the clipboard: one key does the rest
    }
  });
  const line = document.createElement("p");
  line.className = "acts";
  line.append(button);
  code.after(line);
}
