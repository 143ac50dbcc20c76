// The markdown block: standard Markdown, as vnodes.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { angle, link } from "./tokens.js";

const INLINE =
  /\\([\\`*_~[\]()#>|!-])|(`+)(.+?)\2|!?\[([^\]]*)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)\)|<([^<>\s][^<>\n]*)>|(\*\*|__)(?=\S)(.+?)(?<=\S)\7|~~(?=\S)(.+?)(?<=\S)~~|(?<![\p{L}\p{N}])([*_])(?=\S)(.+?)(?<=\S)\10(?![\p{L}\p{N}])|(https?:\/\/[^\s<>]*[^\s<>.,;:!?)'"])/gsu;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const FENCE = /^ {0,3}(```+|~~~+)\s*\S*\s*$/;
const BARS = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function inline(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    found.push(...withEmoji(text.slice(from, match.index)), piece(match));
    from = match.index + match[0].length;
  }
  return [...found, ...withEmoji(text.slice(from))];
}

function piece([all, escaped, , code, label, address, token, , bold, strike, , italic, bare]) {
  if (escaped) return escaped;
  if (code) return h("code", null, code.trim() || code);
  if (address) return link(address, inline(label || address));
  if (token) return angle(token) ?? all;
  if (bold) return h("strong", null, inline(bold));
  if (strike) return h("s", null, inline(strike));
  if (italic) return h("em", null, inline(italic));
  return link(bare, bare);
}

const inlineLines = (rows) => rows.flatMap((row, index) => [index ? h("br", null) : null, inline(row)]);

const cells = (row) => row.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim());

function table(rows) {
  const [head, , ...body] = rows.map(cells);
  return h(
    "div",
    { class: "table-frame", tabindex: "0", role: "region", "aria-label": "Table" },
    h(
      "table",
      null,
      h("thead", null, h("tr", null, head.map((cell) => h("th", { scope: "col" }, inline(cell))))),
      h("tbody", null, body.map((row) => h("tr", null, row.map((cell) => h("td", null, inline(cell)))))),
    ),
  );
}

function list(rows) {
  const [, indent, mark] = ITEM.exec(rows[0]);
  const items = [];
  for (const row of rows) {
    const item = ITEM.exec(row);
    if (item && item[1].length <= indent.length + 1) items.push([item[3], []]);
    else items.at(-1)[1].push(row);
  }
  return h(
    /\d/.test(mark) ? "ol" : "ul",
    { start: /\d/.test(mark) ? parseInt(mark, 10) : null },
    items.map(([words, under]) => h("li", null, task(words), under.length ? blocks(under.map((row) => row.replace(/^ {1,4}|^\t/, ""))) : null)),
  );
}

function task(words) {
  const box = /^\[([ xX])\]\s+(.*)$/.exec(words);
  if (!box) return inline(words);
  return [...withEmoji(box[1] === " " ? ":white_large_square: " : ":white_check_mark: "), ...inline(box[2])];
}

function blocks(rows) {
  const found = [];
  let at = 0;
  const take = (test) => {
    const from = at;
    while (at < rows.length && test(rows[at], at - from)) at += 1;
    return rows.slice(from, at);
  };
  while (at < rows.length) {
    const row = rows[at];
    const heading = HEADING.exec(row);
    const fence = FENCE.exec(row);
    if (!row.trim()) at += 1;
    else if (fence) {
      at += 1;
      found.push(h("pre", { tabindex: "0" }, take((one) => !one.trim().startsWith(fence[1])).join("\n")));
      at += 1;
    } else if (heading) {
      at += 1;
      found.push(h(`h${Math.min(heading[1].length + 2, 6)}`, { class: `level-${heading[1].length}` }, inline(heading[2])));
    } else if (RULE.test(row)) {
      at += 1;
      found.push(h("hr", null));
    } else if (row.startsWith(">")) {
      found.push(h("blockquote", null, blocks(take((one) => one.startsWith(">")).map((one) => one.replace(/^> ?/, "")))));
    } else if (ITEM.test(row)) {
      found.push(list(take((one, index) => ITEM.test(one) || (index > 0 && /^\s+\S/.test(one)))));
    } else if (row.includes("|") && BARS.test(rows[at + 1] ?? "") && rows[at + 1].includes("-")) {
      found.push(table(take((one) => one.includes("|"))));
    } else {
      const opens = (one) => HEADING.test(one) || FENCE.test(one) || RULE.test(one) || one.startsWith(">") || ITEM.test(one);
      found.push(h("p", null, inlineLines(take((one, index) => one.trim() && (index === 0 || !opens(one))))));
    }
  }
  return found;
}

/** Draw a text in standard Markdown. */
export const markdown = (text) => blocks(String(text ?? "").replace(/\r\n?/g, "\n").split("\n"));
