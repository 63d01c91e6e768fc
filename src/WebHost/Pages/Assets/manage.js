import { call, describe, say, showTime, whenShown } from "/assets/session.js";

const buttons = ["rotate", "destroy", "destroy-slowly"].map((id) => document.getElementById(id));
const show = (id, text) => { document.getElementById(id).textContent = text; };

async function load() {
  try {
    const session = await describe();
    show("id", session?.id ?? "There is no session.");
    show("created", session ? new Date(session.createdAt).toLocaleString() : "–");
    show("keys", session?.keys.join(", ") || "–");
    showTime(document.getElementById("time"), session?.remainingSeconds ?? null, load);
  } catch (error) {
    say(error.message, true);
  }
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
whenShown(load);
