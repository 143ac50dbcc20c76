// The modal that the app opened.

import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { icon } from "./icons.js";
import { act } from "./live.js";
import { wordsOf } from "./mrkdwn.js";
import { BUSY_MS, change, here } from "./store.js";
import { lacking, valuesOf } from "./typed.js";

/** Close the modal, as its cross, its second button and Escape do. */
export function closeModal() {
  const { modal } = here.state;
  if (modal) act({ do: "close", view_id: modal.view.id });
}

async function submit(view, owner) {
  if (here.sending || here.state.modal?.busy) return;
  const missing = lacking(view, owner);
  change(() => {
    here.missing = { [owner.form]: missing };
    here.focusWrong = Object.keys(missing).length > 0;
  });
  if (Object.keys(missing).length) return;
  const since = {};
  change(() => (here.sending = since));
  setTimeout(() => here.sending === since && change(() => (here.sending = false)), BUSY_MS);
  if (!(await act({ do: "submit", view_id: view.id, values: valuesOf(view, owner) }))) change(() => (here.sending = false));
}

/** Draw the modal, or nothing. */
export function modalLayer() {
  const { modal } = here.state;
  if (!modal) return null;
  const { view } = modal;
  const busy = Boolean(modal.busy || here.sending);
  const owner = { form: `modal ${view.id}`, view, errors: modal.errors };
  const title = wordsOf(view.title);
  return h(
    "div",
    { key: "modal", class: "veil", inert: Boolean(here.confirm) },
    h(
      "form",
      {
        class: "dialog modal",
        role: "dialog",
        "data-modal": "",
        "data-layer": "modal",
        "data-view": view.id,
        "aria-modal": "true",
        "aria-labelledby": "modal-title",
        "aria-busy": busy ? "true" : null,
        novalidate: true,
        on: { submit: (event) => (event.preventDefault(), submit(view, owner)) },
      },
      h(
        "header",
        { class: "dialog-top" },
        h("h2", { id: "modal-title", tabindex: "-1" }, withEmoji(title)),
        h("button", { type: "button", class: "tool", "aria-label": "Close", on: { click: closeModal } }, icon("close")),
      ),
      h("div", { key: `body ${view.id}`, class: "dialog-body" }, blocks(view.blocks, owner)),
      h(
        "footer",
        { class: "dialog-foot" },
        h("button", { type: "button", class: "button", on: { click: closeModal } }, wordsOf(view.close) || (view.submit ? "Cancel" : "Close")),
        view.submit
          ? h(
              "button",
              { key: "submit", type: "submit", class: "button primary", "aria-busy": busy ? "true" : null, "aria-disabled": busy ? "true" : null },
              busy ? h("span", { key: "spin", class: "spinner" }) : null,
              h("span", { key: "words", class: "button-words" }, withEmoji(wordsOf(view.submit))),
            )
          : null,
      ),
    ),
  );
}
