// Receipts that a person chose to keep in this browser. Nothing is kept unasked: on a tablet in a corridor the next one
// would open the rating of the one before. The server learns of the list nothing but that its receipts are looked at.

const SHELF = "receipts";

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(SHELF) ?? "[]");
    return Array.isArray(found) ? found.filter((code) => /^[0-9A-Z]{16}$/.test(code)) : [];
  } catch {
    return [];
  }
}

function write(codes) {
  try {
    localStorage.setItem(SHELF, JSON.stringify(codes));
    return true;
  } catch {
    return false;
  }
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

const keep = document.getElementById("keep");
if (keep) {
  const { code, kept } = keep.dataset;
  const say = () => {
    const said = element("span", kept, "soft");
    said.setAttribute("role", "status");
    keep.replaceChildren(said);
  };
  if (read().includes(code)) say();
  else keep.querySelector("button").addEventListener("click", () => write([code, ...read()]) && say());
  keep.hidden = false;
}

const list = document.getElementById("mine");
if (list) {
  const none = document.getElementById("none");
  const show = () => {
    none.hidden = read().length > 0;
  };
  for (const code of read()) list.append(entry(code));
  show();
  list.addEventListener("forgotten", show);
}

function entry(code) {
  const item = element("li");
  const { receipts, query, open, forget, lost } = list.dataset;
  const heading = element("h2", code.match(/.{4}/g).join("-"), "label mono");
  const link = element("a", open);
  link.href = receipts + code + query;
  const button = element("button", forget, "btn");
  button.type = "button";
  button.addEventListener("click", () => {
    write(read().filter((other) => other !== code));
    item.remove();
    list.dispatchEvent(new Event("forgotten"));
  });
  const acts = element("p", "", "acts");
  acts.append(link, button);
  item.append(heading, acts);
  fetch(receipts + code + query, { headers: { accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then((said) => acts.before(...told(said)))
    .catch(() => acts.before(element("p", lost, "note")));
  return item;
}

function told(said) {
  const rating = list.dataset.rating.replace("{rating}", said.rating);
  const parts = [element("p", `${rating}: ${said.name}`), element("p", said.received, "soft")];
  parts.push(...said.sentences.map((sentence) => element("p", sentence, "note")));
  if (said.reply) {
    const reply = element("div", "", "reply");
    reply.append(element("h3", said.reply.by, "label"), element("p", said.reply.text, "said"));
    parts.push(reply);
  }
  return parts;
}
