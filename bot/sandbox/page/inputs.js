// Fields that hold one value: text, numbers, dates, and choices from a list.

import { h } from "./dom.js";
import { checkboxes, multiSelect, multiUsers, radios } from "./choices.js";
import { wordsOf } from "./mrkdwn.js";
import { here } from "./store.js";
import { keep, valueOf } from "./typed.js";

/** What every control gets: its id or label, and what describes it. */
export function attributes(how) {
  return {
    id: how.id,
    "aria-label": how.id ? null : how.label,
    "aria-describedby": how.describedby,
    "aria-invalid": how.invalid ? "true" : null,
    "aria-required": how.required ? "true" : null,
  };
}

function text(element, owner, block, how, type) {
  const value = valueOf(owner, block, element) ?? "";
  const shared = {
    ...attributes(how),
    value: String(value),
    placeholder: wordsOf(element.placeholder) || null,
    minlength: element.min_length,
    maxlength: element.max_length,
    autocomplete: "off",
    "data-autofocus": element.focus_on_load ? "" : null,
  };
  const input = (event) => keep(owner, block, element, event.target.value);
  const keydown = (event) => {
    if (event.key === "Enter" && !event.isComposing && how.done) {
      event.preventDefault();
      how.done();
    }
  };
  if (element.multiline) return h("textarea", { ...shared, class: "input", rows: "2", on: { input } });
  const numbers = { min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : "1", inputmode: "decimal" };
  const kind = type === "number" ? numbers : {};
  return h("input", { ...shared, ...kind, class: "input", type, on: { input, keydown } });
}

function choose(element, owner, block, how, value, options, read) {
  const before = valueOf(owner, block, element);
  const onChange = (event) => {
    keep(owner, block, element, event.target.value === "" ? null : read(event.target.value));
    how.done?.(() => keep(owner, block, element, before));
  };
  return h(
    "span",
    { class: "select" },
    h(
      "select",
      { ...attributes(how), class: "input", value: value ?? "", on: { change: onChange } },
      h("option", { key: "none", value: "" }, wordsOf(element.placeholder) || "Choose…"),
      options,
    ),
  );
}

const option = ({ value, text: words }) => h("option", { key: value, value }, wordsOf(words));

function staticSelect(element, owner, block, how) {
  const groups = element.option_groups ?? [];
  const all = [...(element.options ?? []), ...groups.flatMap((group) => group.options)];
  const drawn = groups.length
    ? groups.map((group, index) => h("optgroup", { key: `group-${index}`, label: wordsOf(group.label) }, group.options.map(option)))
    : all.map(option);
  const value = valueOf(owner, block, element)?.value;
  return choose(element, owner, block, how, value, drawn, (chosen) => all.find((one) => one.value === chosen) ?? null);
}

function usersSelect(element, owner, block, how) {
  const people = here.state.people.filter((one) => !one.is_bot);
  const drawn = people.map((one) => h("option", { key: one.id, value: one.id }, personLabel(one)));
  return choose(element, owner, block, how, valueOf(owner, block, element), drawn, (id) => id);
}

function channelSelect(element, owner, block, how) {
  const drawn = here.state.channels.filter((one) => !one.im).map((one) => h("option", { key: one.id, value: one.id }, `#${one.name}`));
  return choose(element, owner, block, how, valueOf(owner, block, element), drawn, (id) => id);
}

function picker(type) {
  return (element, owner, block, how) => {
    const moment = element.type === "datetimepicker";
    const value = valueOf(owner, block, element);
    const onChange = (event) => {
      const chosen = event.target.value;
      keep(owner, block, element, chosen === "" ? null : moment ? Math.floor(new Date(chosen).getTime() / 1000) : chosen);
      how.done?.(() => keep(owner, block, element, value));
    };
    const shown = moment && value ? localInput(value) : value ?? "";
    return h("input", { ...attributes(how), class: "input", type, value: shown, on: { change: onChange } });
  };
}

function localInput(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** How a person is called in a list. */
export const personLabel = (one) => one.real_name || one.name;

const typed = (type) => (element, owner, block, how) => text(element, owner, block, how, type);

export const CONTROLS = {
  plain_text_input: typed("text"),
  email_text_input: typed("email"),
  url_text_input: typed("url"),
  number_input: typed("number"),
  static_select: staticSelect,
  users_select: usersSelect,
  channels_select: channelSelect,
  conversations_select: channelSelect,
  datepicker: picker("date"),
  timepicker: picker("time"),
  datetimepicker: picker("datetime-local"),
  checkboxes,
  radio_buttons: radios,
  multi_static_select: multiSelect,
  multi_users_select: multiUsers,
};

/** Controls that are groups of boxes, which take a legend rather than a label. */
export const GROUPS = new Set(["checkboxes", "radio_buttons", "multi_static_select", "multi_users_select"]);

/** Draw a control; `how` holds id or label, describedby, invalid, required, and `done` where a change acts at once. */
export function control(element, owner, block, how) {
  return CONTROLS[element.type](element, owner, block, how);
}
