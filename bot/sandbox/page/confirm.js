// The question before something is done.

import { h } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { change, here } from "./store.js";

/** Answer no. */
export function refuse() {
  const asked = here.confirm;
  change(() => (here.confirm = null));
  asked?.cancelled?.();
}

function agree() {
  const asked = here.confirm;
  change(() => (here.confirm = null));
  asked?.go();
}

/** Draw the question, or nothing; what it lacks gets Slack's own words. */
export function confirmLayer() {
  const asked = here.confirm;
  if (!asked) return null;
  const style = asked.style === "danger" ? "danger" : "primary";
  const words = (text, otherwise) => (text ? textObject(text) : [otherwise]);
  return h(
    "div",
    { key: "confirm", class: "veil above" },
    h(
      "div",
      { class: "dialog confirm", role: "alertdialog", "data-layer": "confirm", "aria-modal": "true", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
      h("header", { class: "dialog-top" }, h("h2", { id: "confirm-title", tabindex: "-1" }, words(asked.title, "Are you sure?"))),
      h("div", { id: "confirm-text", class: "dialog-body words" }, words(asked.text, "This cannot be taken back here.")),
      h(
        "footer",
        { class: "dialog-foot" },
        h("button", { type: "button", class: "button", "data-autofocus": style === "danger" ? "" : null, on: { click: refuse } }, words(asked.deny, "Cancel")),
        h("button", { type: "button", class: `button ${style}`, "data-autofocus": style === "danger" ? null : "", on: { click: agree } }, words(asked.confirm, "Yes")),
      ),
    ),
  );
}
