import { call, describe, listen, say, showTime, stopListening, whenShown } from "/assets/session.js";

const element = (id) => document.getElementById(id);
const buttons = ["copy", "rotate", "destroy", "destroy-slowly"].map(element);
const show = (id, text) => { element(id).textContent = text; };
const enable = (isEnabled) => buttons.forEach((button) => { button.disabled = !isEnabled; });

let visit = 0;
let hasSession = false;

const handlers = {
  "live": (seconds) => showTime(element("time"), seconds, load),
  "expires-soon": (seconds) => say(`The session ends in ${seconds} seconds.`, true),
  "extended": (seconds) => {
    showTime(element("time"), seconds, load);
    say("");
  },
  "ended": async () => {
    await load();
    say("The session has ended.", true);
  },
};

async function load() {
  const current = ++visit;
  stopListening();
  try {
    const session = await describe();
    if (current !== visit) return;
    show("id", session?.id ?? "There is no session.");
    show("created", session ? atZone(session.createdAt) : "–");
    show("keys", session?.keys.join(", ") || "–");
    showTime(element("time"), session?.remainingSeconds ?? null, load);
    hasSession = session !== null;
    offer();
    if (hasSession) listen(handlers);
  } catch (error) {
    if (current === visit) say(error.message, true);
  }
  if (current === visit) enable(hasSession);
}

/** A moment in the reader's own time, with the name of its zone. */
function atZone(time) {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
}

/** Shows what only a session has, and what can be done to one; or none of it where there is none. */
function offer() {
  document.querySelectorAll("[data-needs-session]").forEach((part) => { part.hidden = !hasSession; });
}

/** Forgets what the page shows; an answer that is still on its way to it comes too late. */
function clear() {
  visit++;
  stopListening();
  hasSession = false;
  ["id", "created", "keys"].forEach((field) => show(field, "–"));
  showTime(element("time"), null);
  enable(false);
  say("");
}

async function copy() {
  try {
    await navigator.clipboard.writeText(element("id").textContent);
    say("The id is copied.");
  } catch {
    // A page that is not served securely has no clipboard: then the reader copies the id that is selected.
    getSelection().selectAllChildren(element("id"));
    say("This browser lets the page copy nothing. The id is selected: copy it yourself.");
  }
}

function onClick(id, path, working, done) {
  element(id).addEventListener("click", async () => {
    enable(false);
    stopListening();
    say(working);
    try {
      await call(path, { method: "POST" });
      say(done);
    } catch (error) {
      say(error.message, true);
    }
    await load();
  });
}

element("copy").addEventListener("click", copy);
onClick("rotate", "/session/rotate", "Rotating…", "The session has a new cookie.");
onClick("destroy", "/session/destroy", "Destroying…", "The session is gone.");
onClick("destroy-slowly", "/session/destroy?delayMs=3000", "Destroying slowly…", "The session is gone.");
whenShown(load, clear);
