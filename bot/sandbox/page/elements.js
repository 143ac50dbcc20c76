// Interactive elements in sections and action rows: buttons, menus, and the fields that act at once.

import { h } from "./dom.js";
import { control, CONTROLS } from "./inputs.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { textObject, wordsOf } from "./mrkdwn.js";
import { isBusy, press } from "./press.js";
import { stateOf } from "./typed.js";

function button(element, owner, block) {
  const busy = isBusy(owner, block, element);
  const click = () => press(owner, block, element, { type: "button", value: element.value, text: element.text }, { address: element.url });
  return h(
    "button",
    {
      key: element.action_id,
      type: "button",
      class: `button ${element.style ?? ""}`,
      "aria-label": element.accessibility_label,
      "aria-busy": busy ? "true" : null,
      "aria-disabled": busy ? "true" : null,
      "data-action": element.action_id,
      on: { click },
    },
    busy ? h("span", { key: "spin", class: "spinner" }) : null,
    h("span", { key: "words", class: "button-words" }, textObject(element.text)),
    element.url ? icon("out") : null,
  );
}

function overflow(element, owner, block) {
  const busy = isBusy(owner, block, element);
  const items = (element.options ?? []).map((option) => ({
    words: wordsOf(option.text),
    note: wordsOf(option.description),
    choose: () => press(owner, block, element, { type: "overflow", selected_option: option }, { address: option.url }),
  }));
  return h(
    "button",
    {
      key: element.action_id,
      type: "button",
      class: "button square",
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      "aria-busy": busy ? "true" : null,
      "data-action": element.action_id,
      on: { click: (event) => openMenu(event.currentTarget, "More actions", items) },
    },
    busy ? h("span", { key: "spin", class: "spinner" }) : icon("dots"),
  );
}

function field(element, owner, block) {
  const label = wordsOf(element.placeholder) || element.action_id;
  const done = (cancelled) => press(owner, block, element, stateOf(owner, block, element), { cancelled });
  return h("span", { key: element.action_id, class: "inline-field" }, control(element, owner, block, { label, done }));
}

/** Draw an element that stands in a section or a row of actions. */
export function element(value, owner, block) {
  if (value.type === "button") return button(value, owner, block);
  if (value.type === "overflow") return overflow(value, owner, block);
  if (CONTROLS[value.type]) return field(value, owner, block);
  return h("span", { class: "unknown" }, `unknown element ${value.type}`);
}
