// What a person may mean while they write: commands after a slash, names after an at sign.

import { h } from "./dom.js";
import { change, here } from "./store.js";
import { avatar } from "./message.js";

const NAME = /(?:^|[\s(])@([\p{L}\p{N}._-]*)$/u;

/** What fits the text written so far: `[{id, name, words, note, text}]`, text being what the box would hold. */
export function suggestions(key) {
  const text = here.drafts[key] ?? "";
  const { commands, bot, people } = here.state;
  if (/^\/\S*$/.test(text)) {
    return commands
      .filter((one) => one.command.startsWith(text) && one.command !== text)
      .map((one) => ({ id: one.command, name: one.command, hint: one.usage_hint, note: one.description, text: `${one.command} ` }));
  }
  const at = NAME.exec(text);
  if (!at) return [];
  const begun = at[1].toLowerCase();
  return [{ ...bot, is_bot: true, note: "app" }, ...people.filter((one) => !one.is_bot)]
    .filter((one) => one.name.toLowerCase().startsWith(begun) && one.name.toLowerCase() !== begun)
    .map((one) => ({ id: one.id, name: `@${one.name}`, who: one, note: one.note ?? "", text: `${text.slice(0, text.length - at[1].length)}${one.name} ` }));
}

/** Whether the list is to be shown for this box. */
export function isOpen(kind, key) {
  return here.writingIn === key && here.closedList !== here.drafts[key] && suggestions(key).length > 0;
}

/** The command whose arguments are being written, or undefined. */
export function hintFor(text) {
  return here.state.commands.find((one) => text === one.command || text.startsWith(`${one.command} `));
}

/** Move the choice up or down, round at the ends. */
export function moveIn(key, by) {
  const count = suggestions(key).length;
  change(() => (here.listAt = ((here.listAt ?? 0) + by + count) % count));
}

/** Take the chosen suggestion into the box. */
export function choose(key, box, index = here.listAt ?? 0) {
  const chosen = suggestions(key)[index];
  if (!chosen) return;
  change(() => {
    here.drafts[key] = chosen.text;
    here.listAt = 0;
  });
  box?.focus();
}

/** Draw the list above the box. */
export function suggestList(id, key, found) {
  const at = Math.min(here.listAt ?? 0, found.length - 1);
  return h(
    "ul",
    { key: "suggest", id, class: "suggest", role: "listbox", "aria-label": "Suggestions" },
    found.map((one, index) =>
      h(
        "li",
        {
          key: one.id,
          id: `${id}-${index}`,
          role: "option",
          class: index === at ? "at" : "",
          "aria-selected": index === at ? "true" : "false",
          on: {
            // Before blur, which would close the list.
            mousedown: (event) => {
              event.preventDefault();
              choose(key, null, index);
            },
          },
        },
        one.who ? avatar(one.id, one.who.name, one.who.is_bot) : null,
        h("strong", null, one.name),
        one.hint ? h("span", { class: "usage-hint" }, one.hint) : null,
        h("span", { class: "usage-words" }, one.note),
      ),
    ),
  );
}
