// What Slack writes between angle brackets: people, channels, groups, dates and links.

import { formatDate, fullTimeOf } from "./dates.js";
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { safeUrl } from "./links.js";
import { go, goLink } from "./place.js";
import { channel, here, person } from "./store.js";

const plain = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** A link, or its words alone where the address may not be followed. */
export function link(address, words, extra = {}) {
  const url = safeUrl(address);
  if (!url) return h("span", { title: address }, words);
  const click = (event) => {
    if (!event.ctrlKey && !event.metaKey && goLink(url)) event.preventDefault();
  };
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", on: { click }, ...extra }, words);
}

/** A person's name as a mention. */
export function userMention(id) {
  const who = person(id);
  const mine = id === here.state?.me;
  return h("span", { class: mine ? "mention mine" : "mention", title: who.real_name }, `@${who.name}`);
}

/** A channel's name, which leads there. */
export function channelMention(id, label) {
  const known = channel(id);
  const words = `#${known?.name ?? label ?? id}`;
  if (!known) return h("span", { class: "mention" }, words);
  return h("button", { type: "button", class: "mention", on: { click: () => go({ pane: "channel", channel: id }) } }, words);
}

/** A group, or everybody. */
export function groupMention(name) {
  const known = here.state?.groups?.find((one) => one.id === name);
  return h("span", { class: "mention" }, `@${(known?.handle ?? name).replace(/^@/, "")}`);
}

/** A moment in the reader's own time. */
export function moment(seconds, pattern, address, fallback) {
  if (!/^\d{1,11}$/.test(seconds)) return fallback ?? pattern;
  const words = formatDate(seconds, pattern);
  const shown = h("time", { datetime: new Date(seconds * 1000).toISOString(), title: fullTimeOf(seconds) }, words);
  return address ? link(address, shown) : shown;
}

/** Draw what stood between `<` and `>`, or null where it means nothing. */
export function angle(body) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? undefined : plain(body.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return userMention(target.slice(1));
  if (/^#[CGD][A-Z0-9]+$/.test(target)) return channelMention(target.slice(1), label);
  if (target.startsWith("!subteam^")) return groupMention(label ?? target.slice(9));
  if (target.startsWith("!date^")) {
    const [, seconds, pattern, address] = target.split("^");
    return moment(seconds, plain(pattern ?? ""), address && plain(address), label);
  }
  if (target.startsWith("!")) return groupMention(label ?? target.slice(1));
  if (/^(https?:|mailto:)/.test(target)) return link(plain(target), withEmoji(label ?? plain(target)));
  return null;
}
