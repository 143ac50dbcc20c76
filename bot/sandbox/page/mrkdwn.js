// Slack's mrkdwn, as vnodes: data only ever becomes text.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { angle, link } from "./tokens.js";

const FENCE = /```\n?([\s\S]+?)\n?```/g;
const ATOM = /`([^`\n]+)`|<([^<>\n]+)>/g;
const STYLED = /(?<![\p{L}\p{N}])([*_~])(?!\s)((?:(?!\1)[^\n])+)(?<!\s)\1(?![\p{L}\p{N}])/gu;
const HELD = /[\uE000-\uF8FF]/;
const LEAF = /[\uE000-\uF8FF]|https?:\/\/[^\s\uE000-\uF8FF]*[^\s\uE000-\uF8FF.,;:!?)'"]/g;
const QUOTE = /^(?:&gt;|>)(?:&gt;&gt;|>>)? ?/;
const TAGS = { "*": "strong", _: "em", "~": "s" };

/** Undo Slack's three entities. */
export const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** Draw a text in mrkdwn: code fences, quotes, lines, and what stands in them. */
export function mrkdwn(text) {
  const clean = String(text ?? "").replace(/[\uE000-\uF8FF]/g, "\uFFFD");
  const parts = clean.split(FENCE);
  return parts.flatMap((part, index) => {
    if (index % 2) return [h("pre", { tabindex: "0" }, decode(part))];
    // The fence is a block of its own, so the line ends around it are already there.
    const inner = part.replace(index ? /^\n/ : /^$/, "").replace(index < parts.length - 1 ? /\n$/ : /$^/, "");
    return inner ? lines(inner) : [];
  });
}

function lines(text) {
  const found = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) found.push(h("blockquote", null, join(quoted)));
    quoted = [];
  };
  let plain = [];
  const flushPlain = () => {
    if (plain.length) found.push(...join(plain));
    plain = [];
  };
  for (const line of text.split("\n")) {
    if (QUOTE.test(line)) {
      flushPlain();
      quoted.push(line.replace(QUOTE, ""));
    } else {
      flush();
      plain.push(line);
    }
  }
  flush();
  flushPlain();
  return found;
}

const join = (rows) => rows.flatMap((row, index) => [index ? h("br", null) : null, inline(row)]);

/** Draw one line of mrkdwn. */
export function inline(text) {
  const held = [];
  const masked = text.replace(ATOM, (all, code, body) => {
    held.push(code === undefined ? angle(body) ?? decode(all) : h("code", null, decode(code)));
    return String.fromCharCode(0xe000 + held.length - 1);
  });
  return styled(masked, held);
}

function styled(text, held) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(STYLED)) {
    found.push(...leaf(text.slice(from, match.index), held));
    found.push(h(TAGS[match[1]], null, styled(match[2], held)));
    from = match.index + match[0].length;
  }
  return [...found, ...leaf(text.slice(from), held)];
}

function leaf(text, held) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(LEAF)) {
    found.push(...withEmoji(decode(text.slice(from, match.index))));
    if (HELD.test(match[0])) found.push(held[match[0].charCodeAt(0) - 0xe000]);
    else found.push(link(decode(match[0]), decode(match[0])));
    from = match.index + match[0].length;
  }
  return [...found, ...withEmoji(decode(text.slice(from)))];
}

/** Draw a Slack text object, plain or mrkdwn; a bare string counts as plain. */
export function textObject(text) {
  if (!text) return [];
  if (typeof text === "string") return withEmoji(decode(text));
  if (text.type === "mrkdwn") return mrkdwn(text.text);
  return text.emoji === false ? [decode(text.text)] : withEmoji(decode(text.text ?? ""));
}

/** The words of a text object alone, for labels and options. */
export const wordsOf = (text) => decode(typeof text === "string" ? text : text?.text ?? "");
