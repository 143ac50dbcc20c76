// The wire: the state comes over a websocket, what people do goes out as a POST.

import { change, complain, here } from "./store.js";
import { announceNew } from "./announce.js";
import { placeAfterState } from "./place.js";
import { pruneTyped } from "./typed.js";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;

let socket = null;
let turn = 0;
let wait = FIRST_WAIT_MS;
let timer = 0;

/** Open the websocket for the acting person, closing the one before. */
export function connect() {
  const mine = ++turn;
  clearTimeout(timer);
  socket?.close();
  const url = new URL("/page/live", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  if (here.as) url.searchParams.set("as", here.as);
  socket = new WebSocket(url);
  let opened = false;
  socket.onopen = () => {
    if (mine !== turn) return;
    opened = true;
    wait = FIRST_WAIT_MS;
    change(() => (here.online = true));
  };
  socket.onmessage = (event) => {
    if (mine === turn) receive(JSON.parse(event.data));
  };
  socket.onclose = () => {
    if (mine !== turn) return;
    change(() => (here.online = false));
    if (!opened && here.as) forgetStranger(here.as);
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };
}

/** An address can name a person who is not here (any more); then the page shows whom the sandbox shows first. */
async function forgetStranger(id) {
  const answer = await fetch(`/page/state?as=${encodeURIComponent(id)}`).catch(() => null);
  if (answer?.status === 404 && here.as === id) here.as = null;
}

function receive(state) {
  const before = here.state?.me === state.me ? here.state : null;
  change(() => {
    here.state = state;
    here.as = state.me;
    here.busy.clear();
    here.sending = false;
  });
  pruneTyped(state);
  placeAfterState();
  announceNew(before, state);
}

/** Send what the person did; true when the server took it, else a toast says why not. */
export async function act(what) {
  try {
    const answer = await fetch("/page/act", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ as: here.as, ...what }),
    });
    const { ok, error } = await answer.json();
    if (!ok) complain(error ?? "The sandbox refused this without saying why. Nothing was changed.");
    return Boolean(ok);
  } catch (error) {
    console.warn("act failed", what.do, error);
    complain("Not sent: the sandbox gave no usable answer. Nothing was changed; try again when it is back.");
    return false;
  }
}

/** Try again at once when the browser says there may be a way. */
export function watchNetwork() {
  const retry = () => {
    if (here.online === false && document.visibilityState === "visible") connect();
  };
  addEventListener("online", retry);
  document.addEventListener("visibilitychange", retry);
}
