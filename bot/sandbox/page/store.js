// What the page knows: the last state from the server, and what only this browser knows.

export const here = {
  as: new URLSearchParams(location.search).get("as"),
  state: null,
  online: null,
  place: { pane: "channel", channel: null, thread: null, mark: null },
  drafts: {},
  typed: {},
  missing: {},
  busy: new Map(),
  confirm: null,
  menu: null,
  sending: false,
  notices: [],
  seen: {},
  below: {},
};

let drawNow = () => {};
let waiting = false;

/** Say which function draws the page. */
export function drawWith(draw) {
  drawNow = draw;
}

/** Change what the page knows and draw it once the current turn is over. */
export function change(edit) {
  edit?.(here);
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => {
    waiting = false;
    drawNow();
  });
}

/** Show a sentence as a toast until the person dismisses it. */
export function complain(text) {
  change(() => {
    if (here.notices.some((notice) => notice.text === text)) return;
    here.notices.push({ id: `own-${crypto.randomUUID()}`, text, level: "error", own: true });
  });
}

/** The person of that id, or one made of the id alone. */
export function person(id) {
  const { people = [], bot } = here.state ?? {};
  const found = people.find((one) => one.id === id);
  if (found) return found;
  if (bot && bot.id === id) return { id, name: bot.name, real_name: bot.name, is_bot: true };
  return { id, name: id, real_name: id, is_bot: false };
}

/** The channel of that id, or undefined. */
export function channel(id) {
  return here.state?.channels.find((one) => one.id === id);
}

/** The messages of a channel, oldest first. */
export function messagesOf(id) {
  return here.state?.messages?.[id] ?? [];
}

/** Whether a message stands inside a thread rather than in the channel. */
export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

/** Number of milliseconds a pressed button stays busy when no new state comes. */
export const BUSY_MS = 5000;

/** Mark a control busy until the next state arrives. */
export function markBusy(key) {
  const since = Date.now();
  change(() => here.busy.set(key, since));
  setTimeout(() => {
    if (here.busy.get(key) === since) clearBusy(key);
  }, BUSY_MS);
}

/** Let a control be pressed again. */
export function clearBusy(key) {
  change(() => here.busy.delete(key));
}
