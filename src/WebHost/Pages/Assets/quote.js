import { call, describe, say, showTime, whenShown } from "/assets/session.js";

const quote = document.getElementById("quote");
const save = document.getElementById("save");
const time = document.getElementById("time");

async function refreshTime() {
  const session = await describe();
  showTime(time, session?.remainingSeconds ?? null, () => say("Your session has ended. The next Save starts a new one.", true));
}

async function load() {
  quote.disabled = save.disabled = true;
  try {
    // One after the other: the first request may start the session that the second one describes.
    quote.value = await (await call("/session/quote")).text();
    await refreshTime();
    say("");
    quote.disabled = save.disabled = false;
  } catch (error) {
    say(error.message, true);
  }
}

document.getElementById("quote-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  save.disabled = true;
  try {
    await call("/session/quote/update", { method: "PUT", body: quote.value, headers: { "Content-Type": "text/plain; charset=utf-8" } });
    await refreshTime();
    say("Saved.");
  } catch (error) {
    say(error.message, true);
  } finally {
    save.disabled = false;
  }
});

whenShown(load);
