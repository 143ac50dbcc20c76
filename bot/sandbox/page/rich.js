// rich_text blocks: already parsed by the sender, so nothing in them is read as markup.

import { h } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";
import { channelMention, groupMention, link, moment, userMention } from "./tokens.js";

const PARTS = {
  text: (part) => styled(withEmoji(part.text ?? ""), part.style),
  link: (part) => styled([link(part.url, part.text || part.url)], part.style),
  emoji: (part) => emoji(part.name) ?? fromCode(part) ?? `:${part.name}:`,
  user: (part) => userMention(part.user_id),
  usergroup: (part) => groupMention(part.usergroup_id),
  channel: (part) => channelMention(part.channel_id),
  broadcast: (part) => groupMention(part.range),
  date: (part) => moment(String(part.timestamp), part.format, part.url, part.fallback),
  color: (part) => h("code", null, part.value),
};

const ELEMENTS = {
  rich_text_section: (element) => h("div", { class: "rich" }, parts(element)),
  rich_text_quote: (element) => h("blockquote", null, parts(element)),
  rich_text_preformatted: (element) => h("pre", { tabindex: "0" }, (element.elements ?? []).map((part) => part.text ?? part.url ?? "")),
  rich_text_list: (element) =>
    h(
      element.style === "ordered" ? "ol" : "ul",
      { class: `indent-${Math.min(element.indent ?? 0, 8)}`, start: element.offset ? element.offset + 1 : null },
      (element.elements ?? []).map((item) => h("li", null, parts(item))),
    ),
};

function fromCode(part) {
  return /^[0-9a-f]{2,6}(-[0-9a-f]{2,6})*$/i.test(part.unicode ?? "")
    ? String.fromCodePoint(...part.unicode.split("-").map((code) => parseInt(code, 16)))
    : null;
}

function styled(kids, style = {}) {
  let shown = kids;
  if (style.code) shown = [h("code", null, shown)];
  if (style.bold) shown = [h("strong", null, shown)];
  if (style.italic) shown = [h("em", null, shown)];
  if (style.strike) shown = [h("s", null, shown)];
  if (style.underline) shown = [h("u", null, shown)];
  return shown;
}

/** Draw the pieces of a section, a quote or a list item. */
function parts(element) {
  return (element.elements ?? []).map((part) => PARTS[part.type]?.(part) ?? h("code", null, `unknown element ${part.type}`));
}

/** Draw a rich_text value. */
export function richText(value) {
  return (value.elements ?? []).map((element) => {
    const draw = ELEMENTS[element.type];
    return draw ? draw(element) : h("div", { class: "unknown" }, `unknown element ${element.type}`);
  });
}
