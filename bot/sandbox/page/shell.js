// What stands around the conversation: top bar, sidebar, the tabs of a phone, the offline banner.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { safeUrl } from "./links.js";
import { avatar } from "./message.js";
import { actAs, go } from "./place.js";
import { channel, here, messagesOf } from "./store.js";

function acting() {
  const { me, people } = here.state;
  const words = (one) => (one.note ? `${one.real_name || one.name} · ${one.note}` : one.real_name || one.name);
  const options = people.filter((one) => !one.is_bot).map((one) => h("option", { key: one.id, value: one.id }, words(one)));
  return h(
    "div",
    { class: "acting" },
    h("label", { for: "acting" }, "Acting as"),
    h("span", { class: "select" }, h("select", { id: "acting", class: "input", "data-acting": "", value: here.as ?? me, on: { change: (event) => actAs(event.target.value) } }, options)),
  );
}

function outward() {
  return here.state.links.map((one) =>
    h("a", { key: one.url, href: safeUrl(one.url), target: "_blank", rel: "noopener noreferrer" }, h("span", null, one.label), icon("out")),
  );
}

/** Draw the bar above everything. */
export function topBar() {
  return h(
    "div",
    { key: "top", class: "top", role: "banner" },
    h("a", { class: "skip", href: "#channel-pane", on: { click: (event) => (event.preventDefault(), document.querySelector("[data-scroll]")?.focus()) } }, "Skip to messages"),
    h("span", { class: "team" }, avatar("app", "app", true), h("strong", null, here.state.team.name)),
    h("nav", { class: "outward", "aria-label": "Links" }, outward()),
    acting(),
  );
}

function isUnread(one) {
  const last = messagesOf(one.id).findLast((message) => message.user !== here.state.me && !message.ephemeral);
  if (!last || isOpen(one)) return false;
  return Number(last.ts) > (here.seen[one.id] ?? Number.POSITIVE_INFINITY);
}

const isOpen = (one) => here.place.pane === "channel" && here.place.channel === one.id;

/** Remember what has been seen; a channel never opened counts as read from now. */
export function markSeen() {
  for (const one of here.state.channels) {
    const last = Number(messagesOf(one.id).at(-1)?.ts ?? 0);
    if (here.seen[one.id] === undefined || isOpen(one)) here.seen[one.id] = last;
  }
}

function row(one) {
  const unread = isUnread(one);
  return h(
    "li",
    { key: one.id },
    h(
      "button",
      {
        type: "button",
        class: unread ? "row unread" : "row",
        "aria-current": isOpen(one) ? "page" : null,
        on: { click: () => go({ pane: "channel", channel: one.id }) },
      },
      one.im ? avatar(one.id, one.name, true) : icon("hash"),
      h("span", { class: "row-name" }, one.name),
      unread ? h("span", { class: "dot" }, h("span", { class: "unseen" }, "unread")) : null,
    ),
  );
}

/** Draw the list of places. */
export function sidebar() {
  const { channels, bot, links } = here.state;
  const atHome = here.place.pane === "home";
  return h(
    "nav",
    { key: "sidebar", class: "sidebar", "aria-label": "Channels and apps" },
    h("h2", null, "Channels"),
    h("ul", null, channels.filter((one) => !one.im).map(row)),
    h("h2", null, "Apps"),
    h(
      "ul",
      null,
      h(
        "li",
        { key: "home" },
        h(
          "button",
          { type: "button", class: "row", "aria-current": atHome ? "page" : null, on: { click: () => go({ pane: "home" }) } },
          icon("home"),
          h("span", { class: "row-name" }, "App Home"),
        ),
      ),
      channels.filter((one) => one.im).map((one) => row({ ...one, name: one.name ?? bot.name })),
    ),
    links.length ? [h("h2", { key: "links", class: "phone-only" }, "Links"), h("div", { key: "outward", class: "phone-only outward" }, outward())] : null,
  );
}

/** Draw the tabs at the foot of a phone. */
export function tabs() {
  const { pane } = here.place;
  const where = channel(here.place.channel) ?? here.state.channels[0];
  const tab = (name, sign, words, place) =>
    h(
      "button",
      { key: name, type: "button", class: "tab", "aria-current": pane === name ? "page" : null, on: { click: () => go(place) } },
      icon(sign),
      h("span", null, words),
    );
  return h(
    "nav",
    { key: "tabs", class: "tabs", "aria-label": "Places" },
    tab("list", "list", "Channels", { pane: "list" }),
    tab("channel", "hash", where?.name ?? "Channel", { pane: "channel", channel: where?.id }),
    tab("home", "home", "App Home", { pane: "home" }),
  );
}

/** Say that the wire is down, while it is. */
export function offline() {
  if (here.online !== false) return null;
  return h("div", { key: "offline", class: "offline", role: "alert" }, h("span", { class: "spinner" }), "Offline. Trying to reach the sandbox again…");
}
