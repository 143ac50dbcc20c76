// An input block: label, control, hint and error in one place.

import { h } from "./dom.js";
import { control, CONTROLS, GROUPS } from "./inputs.js";
import { textObject } from "./mrkdwn.js";
import { press } from "./press.js";
import { here } from "./store.js";
import { stateOf } from "./typed.js";

/** Draw an input block; what is wrong with it stands beside the field. */
export function inputBlock(block, owner, id) {
  const { element } = block;
  if (!CONTROLS[element.type]) return h("div", { class: "unknown", role: "note" }, `unknown element ${element.type}`);
  const name = `${owner.form}-${id}`.replace(/[^A-Za-z0-9_-]/g, "_");
  const error = here.missing[owner.form]?.[id] ?? owner.errors?.[id];
  const notes = [block.optional && `${name}-optional`, block.hint && `${name}-hint`, error && `${name}-error`];
  const grouped = GROUPS.has(element.type);
  const how = {
    id: name,
    labelledby: grouped ? `${name}-label` : null,
    describedby: notes.filter(Boolean).join(" ") || null,
    invalid: Boolean(error),
    required: !block.optional,
    done: block.dispatch_action ? (cancelled) => press(owner, id, element, stateOf(owner, id, element), { cancelled }) : null,
  };
  const label = { id: `${name}-label`, class: "label", for: grouped ? null : name };
  return h(
    "div",
    { class: error ? "field wrong" : "field" },
    h(
      "div",
      { class: "label-row" },
      h(grouped ? "span" : "label", label, textObject(block.label)),
      block.optional ? h("span", { id: `${name}-optional`, class: "optional" }, "optional") : null,
    ),
    control(element, owner, id, how),
    error ? h("p", { key: "error", id: `${name}-error`, class: "field-error", role: "alert" }, error) : null,
    block.hint ? h("p", { key: "hint", id: `${name}-hint`, class: "hint" }, textObject(block.hint)) : null,
  );
}
