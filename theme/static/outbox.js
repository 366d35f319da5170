// Ratings that wait in this browser for a net. On a form it starts the service worker and says how many wait; on the page
// of the outbox it lists them, sends them when the net comes back, and forgets one on demand.

const place = document.getElementById("outbox");

// The form of a scanned code stands below /q/, its rating goes to /rate/: each needs the worker.
async function worker() {
  const scopes = new Set([`/${location.pathname.split("/")[1]}/`, "/rate/"]);
  for (const scope of scopes) await navigator.serviceWorker.register("/rate/worker.js", { scope });
  return (await navigator.serviceWorker.ready).active;
}

function ask(active, question) {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => resolve(event.data);
    active.postMessage(question, [channel.port2]);
  });
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function entry(rating, again) {
  const words = place.dataset;
  const item = element("li");
  const said = element("p", `${rating.name} · ${new Date(rating.at).toLocaleString(document.documentElement.lang)}`);
  const state = element("p", rating.state === "refused" ? `${words.refused} ${rating.said}` : words[rating.state], "note");
  const acts = element("p", "", "acts");
  if (rating.receipt) {
    const link = element("a", words.open, "btn");
    link.href = `/receipt/${rating.receipt}${location.search}`;
    acts.append(link);
  }
  const button = element("button", rating.state === "waiting" ? words.drop : words.forget, "btn");
  button.type = "button";
  button.addEventListener("click", () => again({ ask: "forget", id: rating.id }));
  acts.append(button);
  item.append(said, state, acts);
  return item;
}

async function run() {
  const active = await worker();
  const show = (ratings) => {
    const waiting = ratings.filter((one) => one.state === "waiting").length;
    if (place.matches("ol")) {
      place.replaceChildren(...ratings.map((rating) => entry(rating, again)));
      document.getElementById("none").hidden = ratings.length > 0;
      document.getElementById("send").hidden = waiting === 0;
    } else {
      place.hidden = ratings.length === 0;
      place.querySelector("b").textContent = String(ratings.length);
    }
  };
  const again = async (question) => show(await ask(active, question));
  await again({ ask: "list" });
  await again({ ask: "send" });
  addEventListener("online", () => again({ ask: "send" }));
  document.getElementById("send")?.addEventListener("click", () => again({ ask: "send" }));
}

if (place && "serviceWorker" in navigator) run().catch(() => undefined);
