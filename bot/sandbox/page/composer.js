// The box people write in.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { act } from "./live.js";
import { toBottom } from "./scroll.js";
import { change, here } from "./store.js";
import { choose, hintFor, isOpen, moveIn, suggestions, suggestList } from "./suggest.js";

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Turn `@name` into the mention that Slack sends. */
export function withMentions(text) {
  const { bot, people } = here.state;
  const known = [bot, ...people.filter((one) => !one.is_bot)];
  return known.reduce((done, one) => {
    const name = new RegExp(`(?<![\\p{L}\\p{N}<@])@${escape(one.name)}(?![\\p{L}\\p{N}_-])`, "giu");
    return done.replace(name, `<@${one.id}>`);
  }, text);
}

async function send(kind, where, thread) {
  const key = draftKey(kind, where, thread);
  const text = (here.drafts[key] ?? "").trim();
  if (!text) return;
  write(key, "");
  toBottom(kind);
  const common = { channel: where.id, thread_ts: thread ?? null };
  const sent = text.startsWith("/")
    ? await act({ do: "command", text, ...common })
    : await act({ do: "message", text: withMentions(text), ...common });
  if (!sent && !here.drafts[key]) write(key, text);
}

const draftKey = (kind, where, thread) => `${kind} ${where.id} ${thread ?? ""}`;

function write(key, text) {
  change(() => (here.drafts[key] = text));
}

function keydown(event, kind, key, goOn) {
  if (event.isComposing) return;
  if (isOpen(kind, key) && ["ArrowDown", "ArrowUp", "Enter", "Tab", "Escape"].includes(event.key)) {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") change(() => (here.closedList = here.drafts[key]));
    else if (event.key.startsWith("Arrow")) moveIn(key, event.key === "ArrowDown" ? 1 : -1);
    else choose(key, event.target);
    return;
  }
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    goOn();
  }
}

/** Draw the composer of a channel or of a thread. */
export function composer(kind, where, thread) {
  const key = draftKey(kind, where, thread);
  const text = here.drafts[key] ?? "";
  const listId = `suggest-${kind}`;
  const name = where.im ? where.name : `#${where.name}`;
  const label = kind === "thread" ? "Reply in thread" : `Message ${name}`;
  const goOn = () => send(kind, where, thread);
  const found = isOpen(kind, key) ? suggestions(key) : [];
  const hint = hintFor(text);
  return h(
    "form",
    { key: `composer ${key}`, class: "composer", on: { submit: (event) => (event.preventDefault(), goOn()) } },
    found.length ? suggestList(listId, key, found) : null,
    hint && !found.length
      ? h("p", { key: "usage", class: "usage" }, h("code", null, hint.command), " ", h("span", { class: "usage-hint" }, hint.usage_hint), h("span", { class: "usage-words" }, hint.description))
      : null,
    h(
      "div",
      { key: "box", class: "composer-box" },
      h("textarea", {
        "data-composer": kind,
        "aria-label": label,
        "aria-autocomplete": "list",
        "aria-haspopup": "listbox",
        "aria-controls": found.length ? listId : null,
        "aria-activedescendant": found.length ? `${listId}-${here.listAt ?? 0}` : null,
        placeholder: label,
        rows: "1",
        value: text,
        autocomplete: "off",
        on: {
          input: (event) => change(() => {
            here.drafts[key] = event.target.value;
            here.listAt = 0;
          }),
          keydown: (event) => keydown(event, kind, key, goOn),
          focus: () => change(() => (here.writingIn = key)),
          blur: () => change(() => (here.writingIn = null)),
        },
      }),
      h("button", { type: "submit", class: "button primary send", "aria-disabled": text.trim() ? null : "true" }, icon("send"), h("span", null, "Send")),
    ),
  );
}
