// Reads new messages out to people who do not see the screen.

import { here, isReply, person } from "./store.js";

const KEPT_MS = 10_000;
let timer = 0;

/** Say a sentence politely. */
export function say(text) {
  const node = document.getElementById("announcer");
  // The same words twice would be no change, and so not be read.
  node.textContent = node.textContent === text ? `${text}\u00a0` : text;
  clearTimeout(timer);
  timer = setTimeout(() => (node.textContent = ""), KEPT_MS);
}

function spoken(text) {
  return text
    .replace(/<@([A-Z0-9]+)[^>]*>/g, (_, id) => person(id).name)
    .replace(/<[^>|]*\|([^>]*)>/g, "$1")
    .replace(/[<>*_~`]|&[a-z]+;/g, " ");
}

/** Read out what is new in the channel that is open. */
export function announceNew(before, state) {
  if (!before) return;
  const id = here.place.channel;
  const known = new Set((before.messages[id] ?? []).map((one) => one.ts));
  const fresh = (state.messages[id] ?? []).filter((one) => !known.has(one.ts) && one.user !== state.me);
  if (!fresh.length) return;
  say(fresh.map((one) => `${one.name}${isReply(one) ? " in a thread" : ""}: ${spoken(one.text ?? "")}`).join(". "));
}
