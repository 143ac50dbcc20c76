// Emoji as drawings of our own where we have one: not every machine has a font with colours.

import { h } from "./dom.js";
import { ALIASES, DRAWN, TYPED } from "./emoji_shapes.js";

const byChar = new Map(Object.entries(DRAWN).map(([name, [char]]) => [char.replace(/\uFE0F/g, ""), name]));
const chars = [...byChar.keys()].sort((one, two) => two.length - one.length).join("|");
const FOUND = new RegExp(`:([a-z0-9_+-]+):(?::skin-tone-\\d:)?|(?:${chars})\\uFE0F?`, "gu");

/** Draw an emoji by its name, or null where it is not known. */
export function emoji(name) {
  const known = ALIASES[name] ?? name;
  const label = known.replace(/_/g, " ");
  if (DRAWN[known]) {
    const [char, ...shapes] = DRAWN[known];
    return h(
      "span",
      { class: "emoji", title: `:${name}:` },
      h("svg", { viewBox: "0 0 16 16", role: "img", "aria-label": label }, shapes.map(shape)),
      // The sign itself stays in the text, so that copying keeps it.
      h("span", { class: "unseen", "aria-hidden": "true" }, char),
    );
  }
  if (TYPED[known]) return h("span", { class: "emoji", role: "img", "aria-label": label, title: `:${name}:` }, TYPED[known]);
  return null;
}

function shape([kind, data, colour, line]) {
  const paint = line ? { stroke: colour, "stroke-width": line, fill: "none" } : { fill: colour };
  if (kind === "p") return h("path", { d: data, "stroke-linecap": "round", "stroke-linejoin": "round", ...paint });
  const [x, y, width, height, radius] = data;
  if (kind === "c") return h("circle", { cx: x, cy: y, r: width, ...paint });
  return h("rect", { x, y, width, height, rx: radius, ...paint });
}

/** Split a text into words and emoji. */
export function withEmoji(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(FOUND)) {
    const drawn = emoji(match[1] ?? byChar.get(match[0].replace(/\uFE0F/g, "")));
    if (!drawn) continue;
    if (match.index > from) found.push(text.slice(from, match.index));
    found.push(drawn);
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push(text.slice(from));
  return found;
}
