import { call, describe, listen, say, showTime, stopListening, whenShown } from "/assets/session.js";

const endedText = "Your session has ended, and what it held is gone. Save starts a new one with the quote as it stands here.";

const quote = document.getElementById("quote");
const save = document.getElementById("save");
const time = document.getElementById("time");

let visit = 0;
let sessionId = null;
let heard = null;
let ended = false;
let stored = null;
let isSaving = false;
let savedAt = -Infinity;

const handlers = {
  "live": (seconds) => showTime(time, seconds, sayEnded),
  // What was answered to Save just now stays to be read; a session that is as short as that shows its time beside it.
  "expires-soon": (seconds) => {
    if (performance.now() - savedAt > 3000) say(`Your session ends in ${seconds} seconds. Save, or load this page again, to go on with it.`, true);
  },
  "extended": (seconds) => {
    showTime(time, seconds, sayEnded);
    say("");
  },
  "ended": sayEnded,
};

function sayEnded() {
  stopListening();
  heard = null;
  ended = true;
  showTime(time, null);
  say(endedText, true);
  offerSave();
}

/** Save is there to be pressed while there is something to save: a change, or all of it where the session that held it has ended. */
function offerSave() {
  save.disabled = quote.disabled || isSaving || (quote.value === stored && !ended);
}

/** Shows the time that is left; returns whether the session is another one than before, or null where there is none. */
async function refreshTime() {
  const current = visit;
  const session = await describe();
  if (current !== visit) return null;
  if (session === null) {
    sayEnded();
    return null;
  }
  const isOther = sessionId !== null && sessionId !== session.id;
  sessionId = session.id;
  showTime(time, session.remainingSeconds, sayEnded);
  if (heard !== sessionId) {
    heard = sessionId;
    listen(handlers);
  }
  return isOther;
}

async function load() {
  clear();
  const current = visit;
  try {
    // One after the other: the first request may start the session that the second one describes.
    const text = await (await call("/session/quote")).text();
    if (current !== visit) return;
    quote.value = text;
    // As the field has it: it writes every line break as one character.
    stored = quote.value;
    await refreshTime();
    if (current !== visit) return;
    quote.disabled = false;
    offerSave();
  } catch (error) {
    if (current === visit) say(error.message, true);
  }
}

/** Forgets what the page shows; an answer that is still on its way to it comes too late. */
function clear() {
  visit++;
  stopListening();
  heard = null;
  sessionId = null;
  ended = false;
  stored = null;
  quote.value = "";
  quote.disabled = save.disabled = true;
  showTime(time, null);
  say("");
}

async function store() {
  const current = visit;
  const text = quote.value;
  const hadEnded = ended;
  await call("/session/quote/update", { method: "PUT", body: text, headers: { "Content-Type": "text/plain; charset=utf-8" } });
  if (current !== visit) return;
  stored = text;
  ended = false;
  savedAt = performance.now();
  const isOther = await refreshTime();
  if (isOther !== null) say(isOther || hadEnded ? "Your session had ended. The quote is saved in a new one." : "Saved.");
}

document.getElementById("quote-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const current = visit;
  isSaving = true;
  offerSave();
  try {
    await store();
  } catch (error) {
    if (current === visit) say(error.message, true);
    // Either the session is gone, or another tab gave it a new cookie, with which the next try will do.
    if (error.status === 409) await refreshTime().catch(() => {});
  } finally {
    isSaving = false;
    if (current === visit) offerSave();
  }
});

quote.addEventListener("input", () => {
  // What was said of the text before is true no more; that the session has ended is.
  if (!ended) say("");
  offerSave();
});

whenShown(load, clear);
