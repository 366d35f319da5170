// The small work by which a form shows that it was not sent by the thousand (docs/widget.md). It begins when the form is
// shown and is done before most people have tapped. Whoever has no script, or a browser without this, rates all the same.

const PATIENCE = 5000;

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));

async function solve(cost, nonce, salt, prefix) {
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  const view = new DataView(password.buffer);
  for (let counter = 0; counter < 100000; counter += 1) {
    view.setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const rule = { name: "PBKDF2", hash: "SHA-256", salt, iterations: cost };
    const found = new Uint8Array(await crypto.subtle.deriveBits(rule, key, 256));
    if (prefix.every((byte, place) => byte === found[place])) return counter;
  }
  return "";
}

function prepare(field) {
  const form = field.form;
  const [cost, ...parts] = field.dataset.work.split(" ");
  const wait = new Promise((done) => setTimeout(done, PATIENCE));
  let isDone = false;
  const worked = solve(Number(cost), ...parts.map(bytes))
    .then((counter) => { field.value = counter; })
    .catch(() => {})
    .finally(() => { isDone = true; });
  let isWaiting = false;
  form.addEventListener("submit", (event) => {
    if (isDone || form.target) return; // a window of its own must open at the tap itself
    event.preventDefault();
    if (isWaiting) return;
    isWaiting = true;
    const button = event.submitter;
    Promise.race([worked, wait]).then(() => {
      isDone = true;
      isWaiting = false;
      form.requestSubmit(button);
    });
  });
}

if (globalThis.crypto?.subtle && HTMLFormElement.prototype.requestSubmit) {
  document.querySelectorAll("input[data-work]").forEach(prepare);
}
