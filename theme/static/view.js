// How pages look for whoever needs them otherwise: size, spacing, colours, pictures. Kept in this browser alone and set
// on every page before it is used; the settings themselves are a page (`view/`) that opens here, above the content.
// Without a script, or where the page cannot be fetched, the link just leads there.

const own = document.currentScript;
const KEY = "view";
const root = document.documentElement;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

function keep(chosen) {
  try {
    if (Object.keys(chosen).length) localStorage.setItem(KEY, JSON.stringify(chosen));
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing still shows this page as it was asked to.
  }
}

function addStyle() {
  if (document.querySelector("link[data-view]")) return;
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = own.dataset.style;
  style.dataset.view = "";
  document.head.append(style);
}

function words(picture) {
  return picture.alt || picture.getAttribute("aria-label") || picture.querySelector(":scope > title")?.textContent || "";
}

// In the place of a picture stands what it says; a picture that says nothing leaves nothing.
function setPictures(off) {
  for (const note of document.querySelectorAll(".instead")) note.remove();
  if (!off) return;
  for (const picture of document.querySelectorAll("main img, main svg")) {
    if (!words(picture)) continue;
    const note = document.createElement("span");
    note.className = "instead";
    note.textContent = words(picture);
    picture.after(note);
  }
}

// Larger text needs the layout of a narrower screen. Widths in `@media` follow the browser's own size of text, not the
// page's, so they are moved along with it.
const usual = new Map();

function scaleLayout(times) {
  if (times === 1 && !usual.size) return;
  for (const sheet of document.styleSheets) {
    let rules;
    try {
      rules = sheet.cssRules;
    } catch {
      continue; // a page opened from a folder may not look into its styles
    }
    for (const rule of rules) {
      if (!(rule instanceof CSSMediaRule)) continue;
      if (!usual.has(rule)) usual.set(rule, rule.media.mediaText);
      rule.media.mediaText = usual.get(rule).replace(/([\d.]+)em/g, (_, width) => width * times + "em");
    }
  }
}

function show(chosen) {
  for (const name of ["size", "space", "scheme", "pictures"]) {
    if (chosen[name]) root.dataset[name] = chosen[name];
    else delete root.dataset[name];
  }
  if (Object.keys(chosen).length) addStyle();
  scaleLayout(Number(chosen.size || 100) / 100);
  setPictures(chosen.pictures === "off");
}

function fill(form) {
  const chosen = read();
  for (const button of form.elements) {
    if (button.type === "radio") button.checked = button.value === (chosen[button.name] || "");
  }
}

function listen(form) {
  form.addEventListener("change", () => {
    const chosen = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    keep(chosen);
    show(chosen);
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    keep({});
    show({});
    fill(form);
  });
  fill(form);
}

function close(link, panel) {
  panel.remove();
  link.setAttribute("aria-expanded", "false");
  link.focus();
}

async function open(link) {
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const panel = document.createElement("section");
  panel.id = "view-panel";
  panel.className = "view-panel";
  panel.setAttribute("aria-label", link.textContent.trim());
  const column = document.createElement("div");
  column.className = "wrap";
  column.append(document.importNode(page.getElementById("view-form").content, true));
  panel.append(column);
  const button = panel.querySelector("button[type=button]");
  button.hidden = false;
  button.addEventListener("click", () => close(link, panel));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && close(link, panel));
  addStyle();
  document.querySelector("header.top").after(panel);
  link.setAttribute("aria-expanded", "true");
  listen(panel.querySelector("form"));
  panel.querySelector("input:checked").focus();
}

// A site carried off as files, on a stick or in an archive: browsers show a folder instead of the page in it, and run
// no modules from there. So links name the page, and what needs those scripts gives way to what is said without them.
function openAsFiles() {
  for (const link of document.links) {
    if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";
  }
  for (const hidden of document.querySelectorAll("body noscript")) {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = hidden.textContent.replace(/<[^>]*>/g, "");
    hidden.replaceWith(note);
  }
  document.body.classList.add("as-files", "settled");
}

show(read());
if (location.protocol === "file:") openAsFiles();
const template = document.getElementById("view-form");
const link = document.querySelector("a.view");
if (template) {
  template.after(template.content.cloneNode(true));
  document.getElementById("without-script").remove();
  addStyle();
  listen(document.querySelector("form.view"));
} else if (link) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      link.click();
    }
  });
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const panel = document.getElementById("view-panel");
    if (panel) close(link, panel);
    else open(link).catch(() => location.assign(link.href));
  });
}
