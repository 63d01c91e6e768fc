import { call, describe, say, showTime, whenShown } from "/assets/session.js";

const buttons = ["rotate", "destroy", "destroy-slowly"].map((id) => document.getElementById(id));
const show = (id, text) => { document.getElementById(id).textContent = text; };

let visit = 0;

async function load() {
  const current = ++visit;
  try {
    const session = await describe();
    if (current !== visit) return;
    show("id", session?.id ?? "There is no session.");
    show("created", session ? new Date(session.createdAt).toLocaleString() : "–");
    show("keys", session?.keys.join(", ") || "–");
    showTime(document.getElementById("time"), session?.remainingSeconds ?? null, load);
  } catch (error) {
    if (current === visit) say(error.message, true);
  }
}

/** Forgets what the page shows; an answer that is still on its way to it comes too late. */
function clear() {
  visit++;
  ["id", "created", "keys"].forEach((field) => show(field, "–"));
  showTime(document.getElementById("time"), null);
  say("");
}

function onClick(id, path, working, done) {
  document.getElementById(id).addEventListener("click", async () => {
    buttons.forEach((button) => { button.disabled = true; });
    say(working);
    try {
      await call(path, { method: "POST" });
      say(done);
    } catch (error) {
      say(error.message, true);
    } finally {
      buttons.forEach((button) => { button.disabled = false; });
    }
    await load();
  });
}

onClick("rotate", "/session/rotate", "Rotating…", "The session has a new cookie.");
onClick("destroy", "/session/destroy", "Destroying…", "The session is gone.");
onClick("destroy-slowly", "/session/destroy?delayMs=3000", "Destroying slowly…", "The session is gone.");
whenShown(load, clear);
