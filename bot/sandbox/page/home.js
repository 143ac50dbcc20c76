// The app's home tab.

import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { here } from "./store.js";

/** Draw the home tab of the acting person. */
export function homePane() {
  const { home, bot } = here.state;
  const owner = home && { form: "home", view: home };
  return h(
    "main",
    { key: "home", class: "pane", "data-pane": "home", "aria-label": "App Home", tabindex: "-1" },
    h("header", { class: "pane-top" }, h("h1", null, icon("home"), h("span", null, "App Home")), h("p", { class: "topic" }, bot.name)),
    h(
      "div",
      { class: "scroller home-scroller", role: "region", "aria-label": "App Home", tabindex: "0" },
      home ? h("div", { class: "home-view" }, blocks(home.blocks, owner)) : h("p", { class: "empty" }, "The app has not filled its home yet."),
    ),
  );
}
