// One message: who, when, what, and what can be done with it.

import { blocks, isCard } from "./blocks.js";
import { fullTimeOf, timeOf } from "./dates.js";
import { h, lazy } from "./dom.js";
import { emoji } from "./emoji.js";
import { icon } from "./icons.js";
import { safeImage, safeUrl } from "./links.js";
import { act } from "./live.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { go } from "./place.js";
import { here, isReply } from "./store.js";

/** The square sign of a person or of the app. */
export function avatar(id, name, isBot) {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  if (isBot) return h("span", { class: "avatar app", "aria-hidden": "true" }, icon("app"));
  return h("span", { class: "avatar", "aria-hidden": "true", vars: { hue } }, (name || "?").slice(0, 1).toUpperCase());
}

function top(message) {
  return h(
    "div",
    { class: "message-top" },
    h("span", { class: "name" }, message.name),
    message.is_bot ? h("span", { class: "badge" }, "App") : null,
    h("time", { datetime: new Date(message.ts * 1000).toISOString(), title: fullTimeOf(message.ts) }, timeOf(message.ts)),
    message.edited ? h("span", { class: "edited" }, "(edited)") : null,
  );
}

function marks(message, channel, inThread) {
  return [
    message.ephemeral ? h("div", { class: "mark" }, icon("eye"), "Only visible to you") : null,
    message.pinned ? h("div", { class: "mark" }, icon("pin"), "Pinned") : null,
    message.broadcast && !inThread
      ? h(
          "div",
          { class: "mark" },
          icon("reply"),
          h("button", { type: "button", class: "plain", on: { click: () => go({ thread: message.thread_ts, mark: message.ts }) } }, "replied to a thread"),
        )
      : null,
    message.broadcast && inThread ? h("div", { class: "mark" }, icon("reply"), `also sent to ${channel.im ? "the conversation" : `#${channel.name}`}`) : null,
  ];
}

function body(message, channel) {
  if (!message.blocks?.length) return h("div", { class: "words" }, mrkdwn(message.text));
  const owner = { form: `message ${channel.id} ${message.ts}`, channel: channel.id, ts: message.ts };
  return h("div", { class: isCard(message.blocks) ? "card" : "" }, blocks(message.blocks, owner));
}

function drawnFile(file) {
  const src = safeImage(file.url);
  return src && h("figure", { class: "image" }, h("figcaption", null, file.name), h("img", { class: "picture", src, alt: file.alt || file.name, loading: "lazy" }));
}

function files(message) {
  return (message.files ?? []).map((file) =>
    (file.url.endsWith(".png") && drawnFile(file)) ||
    h("a", { class: "file", href: safeUrl(file.url), target: "_blank", rel: "noopener noreferrer" }, icon("file"), h("span", null, file.name)),
  );
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  const chip = ({ name, count }) => h("li", { title: `:${name}:` }, emoji(name) ?? `:${name}:`, h("span", null, count));
  return h("ul", { class: "reactions", "aria-label": "Reactions" }, message.reactions.map(chip));
}

function replies(message, answers) {
  const count = Math.max(message.reply_count ?? 0, answers.length);
  if (!count) return null;
  const last = answers.at(-1);
  return h(
    "button",
    { type: "button", class: "replies", "data-open-thread": message.ts, on: { click: () => go({ thread: message.ts }) } },
    h("span", { class: "replies-count" }, `${count} ${count === 1 ? "reply" : "replies"}`),
    last ? h("span", { class: "replies-last" }, `last ${timeOf(last.ts)}`) : null,
  );
}

function tools(message, channel, inThread) {
  if (message.ephemeral) return null;
  const root = message.thread_ts ?? message.ts;
  const shortcuts = here.state.shortcuts.map((one) => ({
    words: one.name,
    note: here.state.bot.name,
    choose: () => act({ do: "shortcut", callback_id: one.callback_id, channel: channel.id, ts: message.ts }),
  }));
  const reply = { words: isReply(message) ? "Open thread" : "Reply in thread", choose: () => go({ thread: root }) };
  const items = inThread ? shortcuts : [reply, ...shortcuts];
  if (!items.length) return null;
  return h(
    "div",
    { class: "tools" },
    inThread
      ? null
      : h("button", { type: "button", class: "tool reply-tool", "aria-label": reply.words, title: reply.words, on: { click: reply.choose } }, icon("reply")),
    h(
      "button",
      {
        type: "button",
        class: "tool",
        "aria-label": "Message actions",
        title: "Message actions",
        "aria-haspopup": "menu",
        on: { click: (event) => openMenu(event.currentTarget, "Message actions", items) },
      },
      icon("dots"),
    ),
  );
}

const prints = new WeakMap();

function print(value) {
  if (!prints.has(value)) prints.set(value, JSON.stringify(value));
  return prints.get(value);
}

function surroundings() {
  const { me, people, bot, channels, shortcuts } = here.state;
  return [me, print(people), print(bot), print(channels), print(shortcuts), new Date().toDateString(), innerWidth <= 720];
}

function waiting(form) {
  return [...here.busy.keys()].filter((key) => key.startsWith(`${form} `)).join();
}

/** Draw a message; `follows` leaves out who wrote it, `answers` are the replies in its thread. */
export function message(value, channel, how = {}) {
  const { inThread, follows, answers = [] } = how;
  const form = `message ${channel.id} ${value.ts}`;
  const marked = here.place.mark === value.ts;
  const typed = here.typed[form] ? JSON.stringify(here.typed[form]) : "";
  const deps = [print(value), inThread, follows, answers.length, answers.at(-1)?.ts, marked, typed, waiting(form), ...surroundings()];
  return lazy("article", `${value.ts}${value.ephemeral ? " ephemeral" : ""}`, deps, () => describe(value, channel, how));
}

function describe(value, channel, { inThread = false, follows = false, answers = [] }) {
  const classes = ["message", follows && "follows", value.ephemeral && "ephemeral", here.place.mark === value.ts && "marked"];
  return h(
    "article",
    {
      class: classes.filter(Boolean).join(" "),
      "data-ts": value.ts,
      "data-channel": channel.id,
      tabindex: "-1",
      "aria-label": `${value.name}, ${timeOf(value.ts)}`,
    },
    h("div", { class: "gutter" }, follows ? h("time", { class: "small-time", "aria-hidden": "true" }, timeOf(value.ts)) : avatar(value.user, value.name, value.is_bot)),
    h(
      "div",
      { class: "message-main" },
      marks(value, channel, inThread),
      follows ? null : top(value),
      h("div", { key: "body", class: "message-body" }, body(value, channel)),
      files(value),
      reactions(value),
      inThread ? null : replies(value, answers),
    ),
    tools(value, channel, inThread),
  );
}
