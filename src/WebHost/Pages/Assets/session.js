// What both pages need: talking to the session, and showing the time it has left.

/** Calls the server; an error becomes an Error whose message was written for the reader. */
export async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Error("The server does not answer. Try again in a moment.");
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => null);
    const error = new Error(problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`);
    error.status = response.status;
    throw error;
  }
  return response;
}

/** What is known of the session, or null where there is none. */
export async function describe() {
  try {
    return await (await call("/session")).json();
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/**
 * Runs load whenever the page is really shown: not while a browser only prepares it, but when that page is then visited, and when a kept
 * page comes back with the Back button. Runs clear whenever it is left, so that a kept page holds nothing of the session: what was true then
 * would be shown until the server answers, and for good if it does not.
 */
export function whenShown(load, clear) {
  window.addEventListener("pagehide", clear);
  window.addEventListener("pageshow", (event) => { if (event.persisted) load(); });
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", () => load(), { once: true });
  } else {
    load();
  }
}

let countdown;

/** Counts the seconds down in an element; null means that there is no session. */
export function showTime(element, remainingSeconds, ended) {
  clearInterval(countdown);
  if (remainingSeconds === null) {
    element.textContent = "–";
    return;
  }
  // Against the monotonic clock: a sleeping tab or a changed clock must not stretch the session. The server counts whole seconds, so there
  // may be up to one more: it must not be said to have ended while it still lives.
  const end = performance.now() + (remainingSeconds + 1) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    element.textContent = format(left);
    if (left === 0) {
      clearInterval(countdown);
      ended();
    }
  };
  countdown = setInterval(tick, 1000);
  tick();
}

let listening;

/**
 * Hears from the server what becomes of the session: its end, wherever it happens, and that it expires soon, which is a minute before. Listening does
 * not keep the session alive. A page that is not looked at does not listen: a browser opens only a few connections to a server.
 */
export function listen(handlers) {
  stopListening();
  const current = { handlers, source: null };
  listening = current;
  const connect = () => {
    current.source?.close();
    current.source = null;
    if (listening !== current || document.visibilityState === "hidden") return;
    current.source = new EventSource("/session/events");
    for (const [name, handler] of Object.entries(handlers)) {
      current.source.addEventListener(name, (event) => {
        if (listening !== current) return;
        if (name === "ended") stopListening();
        handler(Number(event.data));
      });
    }
  };
  current.connect = connect;
  document.addEventListener("visibilitychange", connect);
  connect();
}

export function stopListening() {
  if (!listening) return;
  listening.source?.close();
  document.removeEventListener("visibilitychange", listening.connect);
  listening = undefined;
}

function format(seconds) {
  const part = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ""}${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}`;
}

/** Shows a sentence where screen readers announce it. */
export function say(text, isError = false) {
  const status = document.getElementById("status");
  status.textContent = text;
  status.classList.toggle("error", isError);
}
