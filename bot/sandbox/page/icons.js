// The page's own signs, drawn in the colour of the text beside them.

import { h } from "./dom.js";

const PATHS = {
  out: "M6 4H4.2A1.2 1.2 0 0 0 3 5.2v6.6A1.2 1.2 0 0 0 4.2 13h6.6a1.2 1.2 0 0 0 1.2-1.2V10M9 3h4v4M13 3L7.5 8.5",
  close: "M4 4l8 8M12 4l-8 8",
  back: "M10 3L5 8l5 5",
  reply: "M3 3.5h10v7.5H7.5L4.5 13.5V11H3z",
  home: "M2.5 7.5L8 3l5.5 4.5M4 6.5v6.5h8V6.5",
  hash: "M6.5 2.5l-1.5 11M11 2.5l-1.5 11M3 6h10.5M2.5 10H13",
  list: "M3 4h10M3 8h10M3 12h10",
  chat: "M3 3.5h10v7.5H7.5L4.5 13.5V11H3z",
  send: "M3 8L13.5 3 10.5 13.5 8 9z",
  eye: "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  pin: "M9.5 2l4.5 4.5-1.5.5-2 2-.5 3L4 6l3-.5 2-2zM6.5 9.5L2.5 13.5",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
  app: "M4.2 6.3A4.5 4.5 0 1 1 3.5 9M4 3v3.5h3.5",
};

/** Draw a sign; it says nothing to a screen reader, the words beside it do. */
export function icon(name) {
  if (name === "dots") {
    const dots = [3.5, 8, 12.5].map((x) => h("circle", { cx: x, cy: 8, r: 1.4, fill: "currentColor" }));
    return h("svg", { key: "icon", class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, dots);
  }
  return h(
    "svg",
    { key: "icon", class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" },
    h("path", { d: PATHS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round" }),
  );
}
