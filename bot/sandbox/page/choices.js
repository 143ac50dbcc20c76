// Fields of several boxes: checkboxes, radio buttons, and lists of which several may be chosen.

import { h } from "./dom.js";
import { textObject, wordsOf } from "./mrkdwn.js";
import { here } from "./store.js";
import { keep, valueOf } from "./typed.js";

function box(how, name, type, option, checked, onChange) {
  const id = `${name}-${option.value}`.replace(/[^A-Za-z0-9_-]/g, "_");
  const note = option.description ? `${id}-note` : null;
  return h(
    "div",
    { key: option.value, class: "choice" },
    h("input", { id, type, name, checked, "aria-describedby": note, "aria-invalid": how.invalid ? "true" : null, on: { change: onChange } }),
    h("label", { for: id }, textObject(option.text), note ? h("span", { id: note, class: "choice-note" }, textObject(option.description)) : null),
  );
}

function group(how, role, kids, extra = "") {
  return h(
    "div",
    {
      class: `choices ${extra}`,
      id: how.id,
      role,
      "aria-label": how.labelledby ? null : how.label,
      "aria-labelledby": how.labelledby,
      "aria-describedby": how.describedby,
      "aria-required": role === "radiogroup" && how.required ? "true" : null,
    },
    kids,
  );
}

const nameOf = (owner, block, element) => `${owner.form}-${block}-${element.action_id}`;

function several(element, owner, block, how, options, idOf, extra) {
  const chosen = valueOf(owner, block, element);
  const known = new Set(chosen.map(idOf));
  const toggle = (option) => (event) => {
    const wanted = new Set(known);
    if (event.target.checked) wanted.add(option.value);
    else wanted.delete(option.value);
    keep(owner, block, element, options.filter((one) => wanted.has(one.value)).map((one) => one.made ?? one));
    how.done?.(() => keep(owner, block, element, chosen));
  };
  const name = nameOf(owner, block, element);
  const boxes = options.map((option) => box(how, name, "checkbox", option, known.has(option.value), toggle(option)));
  return group(how, "group", boxes, extra);
}

/** Checkboxes. */
export const checkboxes = (element, owner, block, how) =>
  several(element, owner, block, how, element.options ?? [], (option) => option.value, "");

/** A list of which several may be chosen: boxes in a frame, so that nothing is hidden behind a menu. */
export function multiSelect(element, owner, block, how) {
  const options = element.options ?? (element.option_groups ?? []).flatMap((one) => one.options);
  return several(element, owner, block, how, options, (option) => option.value, "framed");
}

/** People, of which several may be chosen. */
export function multiUsers(element, owner, block, how) {
  const people = here.state.people.filter((one) => !one.is_bot);
  const options = people.map((one) => ({ value: one.id, made: one.id, text: { type: "plain_text", text: one.real_name || one.name } }));
  return several(element, owner, block, how, options, (id) => id, "framed");
}

/** Radio buttons. */
export function radios(element, owner, block, how) {
  const chosen = valueOf(owner, block, element);
  const name = nameOf(owner, block, element);
  const pick = (option) => () => {
    keep(owner, block, element, option);
    how.done?.(() => keep(owner, block, element, chosen));
  };
  const boxes = (element.options ?? []).map((option) => box(how, name, "radio", option, chosen?.value === option.value, pick(option)));
  return group({ ...how, label: how.label ?? wordsOf(element.placeholder) }, "radiogroup", boxes);
}
