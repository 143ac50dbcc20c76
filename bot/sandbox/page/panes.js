// The channel pane and the thread pane.

import { isCard } from "./blocks.js";
import { composer } from "./composer.js";
import { dateOf, dayOf } from "./dates.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { message } from "./message.js";
import { withEmoji } from "./emoji.js";
import { closeThread } from "./place.js";
import { channel, here, isReply, messagesOf } from "./store.js";
import { toBottom } from "./scroll.js";

const TOGETHER_S = 300;

function followsOn(one, before) {
  if (!before || before.user !== one.user || before.ephemeral !== one.ephemeral || one.pinned || one.broadcast) return false;
  // A card stands for itself: who sent it is part of it.
  if (isCard(one.blocks)) return false;
  return one.ts - before.ts < TOGETHER_S;
}

function day(text) {
  return h("div", { key: `day ${text}`, class: "day", role: "separator", "aria-label": text }, h("span", null, text));
}

function channelList(where) {
  const all = messagesOf(where.id);
  const shown = all.filter((one) => !isReply(one) || one.broadcast);
  const byRoot = Map.groupBy ? Map.groupBy(all.filter(isReply), (one) => one.thread_ts) : grouped(all.filter(isReply));
  const drawn = [];
  shown.forEach((one, index) => {
    const before = shown[index - 1];
    const fresh = !before || dateOf(before.ts).toDateString() !== dateOf(one.ts).toDateString();
    if (fresh) drawn.push(day(dayOf(one.ts)));
    const answers = (byRoot.get(one.ts) ?? []).filter((reply) => !reply.ephemeral);
    drawn.push(message(one, where, { follows: !fresh && followsOn(one, before), answers }));
  });
  if (!drawn.length) drawn.push(h("p", { key: "empty", class: "empty" }, "Nothing here yet. Type / below to see what the bot can do."));
  return drawn;
}

function grouped(all) {
  const found = new Map();
  for (const one of all) found.set(one.thread_ts, [...(found.get(one.thread_ts) ?? []), one]);
  return found;
}

function more(pane) {
  if (!here.below[pane]) return null;
  return h("button", { key: "more", type: "button", class: "more", on: { click: () => toBottom(pane) } }, icon("down"), "New messages");
}

function scroller(pane, label, place, kids) {
  return h(
    "div",
    { key: "scroller", class: "scroller", "data-scroll": pane, "data-at": place, role: "region", "aria-label": label, tabindex: "0" },
    h("div", { key: "list", class: "list" }, kids),
  );
}

/** Draw the open channel. */
export function channelPane() {
  const where = channel(here.place.channel);
  if (!where) return h("main", { key: "channel", class: "pane", "data-pane": "channel" }, h("p", { class: "empty" }, "This person is in no channel."));
  const title = where.im ? where.name : `# ${where.name}`;
  return h(
    "main",
    { key: "channel", class: "pane", id: "channel-pane", "data-pane": "channel", "aria-label": title, tabindex: "-1" },
    h(
      "header",
      { class: "pane-top" },
      h("h1", null, where.im ? icon("app") : icon("hash"), h("span", null, where.name)),
      where.topic ? h("p", { class: "topic", title: where.topic }, withEmoji(where.topic)) : null,
    ),
    scroller("channel", `Messages in ${where.name}`, where.id, channelList(where)),
    more("channel"),
    composer("channel", where),
  );
}

/** Draw the open thread, or nothing. */
export function threadPane() {
  const { place } = here;
  const where = channel(place.channel);
  const all = messagesOf(place.channel);
  const root = place.thread && all.find((one) => one.ts === place.thread && !isReply(one));
  if (!root || place.pane !== "channel") return null;
  const answers = all.filter((one) => isReply(one) && one.thread_ts === root.ts);
  const counted = answers.filter((one) => !one.ephemeral).length;
  const drawn = answers.map((one, index) => message(one, where, { inThread: true, follows: followsOn(one, answers[index - 1]) }));
  return h(
    "aside",
    { key: "thread", class: "pane", "data-pane": "thread", "aria-label": "Thread" },
    h(
      "header",
      { class: "pane-top" },
      h("button", { key: "back", type: "button", class: "tool back", "aria-label": "Back to channel", on: { click: closeThread } }, icon("back")),
      h("h2", { tabindex: "-1", "data-thread-title": "" }, "Thread", h("span", { class: "topic" }, where.im ? where.name : `# ${where.name}`)),
      h("button", { key: "close", type: "button", class: "tool close", "aria-label": "Close thread", on: { click: closeThread } }, icon("close")),
    ),
    scroller("thread", "Messages in this thread", root.ts, [
      message(root, where, { inThread: true }),
      h("div", { key: "count", class: "day count", role: "separator" }, h("span", null, `${counted} ${counted === 1 ? "reply" : "replies"}`)),
      drawn,
    ]),
    more("thread"),
    composer("thread", where, root.ts),
  );
}
