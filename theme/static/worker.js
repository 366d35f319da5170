// The service worker of the forms. The server puts VERSION, KEPT and PAGES before it (`widget/offline.py`).
//
// It keeps the form of a place that was visited, and a rating that could not be sent: whoever stands in a cellar rates all
// the same, and the rating leaves when there is a net again. Each waiting rating carries its own retry key, so that one
// which did arrive, though its answer was lost, is not counted twice. Nothing else of the site passes through here.

const SHELF = `nok-${VERSION}`;
const FORM = /^\/(?:q|Q|rate)\/[^/]+\/?$/;
const RATING = /^\/rate\/[^/]+$/;
const OUTBOX = "/rate/outbox/";

// ---- the outbox: one table in the browser's own database ------------------------------------------------------------

function table(mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("nok-outbox", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("ratings", { keyPath: "id" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const change = opening.result.transaction("ratings", mode);
      const asked = work(change.objectStore("ratings"));
      change.oncomplete = () => {
        opening.result.close();
        resolve(asked.result);
      };
      change.onerror = change.onabort = () => reject(change.error);
    };
  });
}

const all = () => table("readonly", (ratings) => ratings.getAll());
const put = (rating) => table("readwrite", (ratings) => ratings.put(rating));
const remove = (id) => table("readwrite", (ratings) => ratings.delete(id));

async function keep(request, form) {
  const fields = [...form].filter(([, value]) => typeof value === "string");
  const key = fields.find(([name]) => name === "idempotency_key")?.[1];
  const waiting = await all();
  // The same page sent twice while nothing could be sent: two ratings, so two keys.
  const id = key && !waiting.some((one) => one.id === key) ? key : crypto.randomUUID();
  const sent = fields.map(([name, value]) => [name, name === "idempotency_key" ? id : value]);
  const page = await caches.match(request.referrer, { ignoreVary: true });
  const title = page && /<title>([^<]*?)( — [^<]*)?<\/title>/.exec(await page.text());
  const name = title ? title[1].replace(/&(?:#\d+|\w+);/g, decoded) : decodeURI(new URL(request.url).pathname);
  await put({ id, url: request.url, fields: sent, name, at: Date.now(), state: "waiting" });
  await self.registration.sync?.register("ratings").catch(() => undefined);
}

function decoded(entity) {
  const known = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#34;": '"', "&#39;": "'", "&nbsp;": "\u00a0" };
  return known[entity] ?? entity;
}

let sending = null;

// One at a time: two tabs that come back together must not race.
function send() {
  sending ??= sendAll().finally(() => {
    sending = null;
  });
  return sending;
}

async function sendAll() {
  for (const rating of await all()) {
    if (rating.state !== "waiting") continue;
    const body = new URLSearchParams(rating.fields);
    const answer = await fetch(rating.url, { method: "POST", body, headers: { accept: "application/json" } });
    const receipt = /\/receipt\/([0-9A-Z]{16})/.exec(answer.url)?.[1];
    if (answer.ok && receipt) await put({ ...rating, fields: [], state: "sent", receipt });
    else if (answer.status === 429 || answer.status >= 500) throw new Error("later");
    else await put({ ...rating, fields: [], state: "refused", said: await problems(answer) });
  }
}

async function problems(answer) {
  const said = await answer.json().catch(() => ({}));
  return (said.problems ?? []).map((one) => one.message).join(" ");
}

// ---- what passes through --------------------------------------------------------------------------------------------

self.addEventListener("install", (event) => {
  // One file that is missing must not keep the rest from working.
  const filling = caches.open(SHELF).then((shelf) => {
    return Promise.allSettled([...KEPT, ...PAGES].map((path) => shelf.add(path)));
  });
  event.waitUntil(filling.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const tidying = caches.keys().then((names) => {
    const old = names.filter((name) => name.startsWith("nok-") && name !== SHELF);
    return Promise.all(old.map((name) => caches.delete(name)));
  });
  event.waitUntil(tidying.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && RATING.test(url.pathname) && request.mode === "navigate") {
    event.respondWith(rate(event));
  } else if (request.method === "GET" && KEPT.includes(url.pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && (FORM.test(url.pathname) || url.pathname === OUTBOX)) {
    event.respondWith(form(request));
  }
});

async function rate(event) {
  const copy = event.request.clone();
  try {
    return await fetch(event.request);
  } catch {
    await keep(copy, await copy.formData());
    return Response.redirect(OUTBOX + new URL(copy.url).search, 303);
  }
}

async function form(request) {
  const shelf = await caches.open(SHELF);
  try {
    const answer = await fetch(request);
    if (answer.ok) await shelf.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await shelf.match(request, { ignoreVary: true });
    if (!kept) throw error;
    const text = await kept.text();
    const fresh = text.replace(/(name="idempotency_key" value=")[^"]*/, `$1${crypto.randomUUID()}`);
    return new Response(fresh, { headers: kept.headers });
  }
}

self.addEventListener("sync", (event) => {
  if (event.tag === "ratings") event.waitUntil(send());
});

// A page asks: what is there, send, or forget one.
self.addEventListener("message", (event) => {
  const { ask, id } = event.data ?? {};
  const work = { list: async () => undefined, send: () => send().catch(() => undefined), forget: () => remove(id) }[ask];
  if (work) event.waitUntil(work().then(all).then((ratings) => event.ports[0]?.postMessage(ratings)));
});
