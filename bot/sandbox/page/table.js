// The table block.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { richText } from "./rich.js";

function words(cell) {
  if (cell?.type === "rich_text") return richText(cell);
  return withEmoji(String(cell?.text ?? cell?.value ?? ""));
}

function cellOf(tag, settings) {
  return (cell, column) => {
    const { align = "left", is_wrapped: wrapped } = settings[column] ?? {};
    return h(tag, { scope: tag === "th" ? "col" : null, class: `${align}${wrapped ? " wrapped" : ""}` }, words(cell));
  };
}

/** Draw a table whose first row names the columns; a wide one scrolls inside its own frame. */
export function table(block) {
  const [head = [], ...body] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  return h(
    "div",
    { class: "table-frame", tabindex: "0", role: "region", "aria-label": "Table" },
    h(
      "table",
      null,
      h("thead", null, h("tr", null, head.map(cellOf("th", settings)))),
      h("tbody", null, body.map((row) => h("tr", null, row.map(cellOf("td", settings))))),
    ),
  );
}
