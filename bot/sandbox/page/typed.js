// What people typed and chose in forms, kept apart from the DOM so that a new state never loses it.

import { change, here } from "./store.js";

const FIELDS = {
  plain_text_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  multi_static_select: ["selected_options", "initial_options"],
  checkboxes: ["selected_options", "initial_options"],
  users_select: ["selected_user", "initial_user"],
  multi_users_select: ["selected_users", "initial_users"],
  channels_select: ["selected_channel", "initial_channel"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
};

/** The name of the field that holds an element's value, or undefined where it holds none. */
export const fieldOf = (element) => FIELDS[element.type]?.[0];

/** The id of a block; views that came without ids get one from their order. */
export const blockId = (block, index) => block.block_id ?? `block-${index}`;

const keyOf = (element) => `${element.type} ${element.action_id}`;

/** What stands in an element now: what was typed, else its initial value. */
export function valueOf(owner, block, element) {
  const mine = here.typed[owner.form]?.[block]?.[keyOf(element)];
  if (mine !== undefined) return mine;
  const [field, initial] = FIELDS[element.type];
  const empty = field.endsWith("s") ? [] : null;
  return element[initial] ?? empty;
}

/** Keep what was typed into an element. */
export function keep(owner, block, element, value) {
  change(() => {
    const form = (here.typed[owner.form] ??= {});
    (form[block] ??= {})[keyOf(element)] = value;
    delete here.missing[owner.form]?.[block];
  });
}

/** An element's state as Slack sends it. */
export function stateOf(owner, block, element) {
  const value = valueOf(owner, block, element);
  return { type: element.type, [fieldOf(element)]: value === "" ? null : value };
}

/** The elements of a block that hold a value. */
export function elementsOf(block) {
  const found = { input: [block.element], section: [block.accessory], actions: block.elements }[block.type] ?? [];
  return found.filter((element) => element && fieldOf(element));
}

/** All values of a view: `{block_id: {action_id: state}}`. */
export function valuesOf(view, owner) {
  const values = {};
  (view.blocks ?? []).forEach((block, index) => {
    const id = blockId(block, index);
    for (const element of elementsOf(block)) (values[id] ??= {})[element.action_id] = stateOf(owner, id, element);
  });
  return values;
}

/** What the fields of a view still lack, as Slack's own apps would say it: `{block_id: sentence}`. */
export function lacking(view, owner) {
  const found = {};
  (view.blocks ?? []).forEach((block, index) => {
    if (block.type !== "input" || !fieldOf(block.element)) return;
    const id = blockId(block, index);
    const value = valueOf(owner, id, block.element);
    const empty = value === null || value === "" || (Array.isArray(value) && !value.length);
    const least = block.element.min_length;
    if (empty && !block.optional) found[id] = "Fill this in: it is needed.";
    else if (!empty && least && value.length < least) found[id] = `Write at least ${least} characters; there are ${value.length}.`;
  });
  return found;
}

/** Forget what was typed into forms and blocks that are gone. */
export function pruneTyped(state) {
  const view = state.modal?.view;
  if (!view) {
    for (const form of Object.keys(here.typed)) if (form.startsWith("modal ")) delete here.typed[form];
    here.missing = {};
    return;
  }
  const known = new Set((view.blocks ?? []).map(blockId));
  const form = here.typed[`modal ${view.id}`] ?? {};
  for (const id of Object.keys(form)) if (!known.has(id)) delete form[id];
}
