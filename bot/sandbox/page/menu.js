// A menu beside the button that opened it; on a phone a sheet at the foot.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { change, here } from "./store.js";

const GAP_PX = 6;

/** Open a menu; `items` are `{words, note, choose}`. */
export function openMenu(button, label, items) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const up = bottom > innerHeight * 0.6;
  const vars = {
    left: right > innerWidth / 2 ? "auto" : `${left}px`,
    right: right > innerWidth / 2 ? `${innerWidth - right}px` : "auto",
    top: up ? "auto" : `${bottom + GAP_PX}px`,
    bottom: up ? `${innerHeight - top + GAP_PX}px` : "auto",
  };
  change(() => (here.menu = { button, label, items, vars }));
}

/** Close the menu and go back to its button. */
export function closeMenu() {
  const { button } = here.menu ?? {};
  change(() => (here.menu = null));
  if (button?.isConnected) button.focus();
}

function choose(item) {
  closeMenu();
  item.choose();
}

function keydown(event) {
  const items = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (next !== undefined) items[next % items.length].focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Draw the open menu, or nothing. */
export function menuLayer() {
  const { menu } = here;
  if (!menu) return null;
  return h(
    "div",
    { key: "menu", class: "menu-veil", on: { click: (event) => event.target === event.currentTarget && closeMenu() } },
    h(
      "div",
      { class: "menu", role: "menu", "aria-label": menu.label, vars: menu.vars, on: { keydown } },
      menu.items.map((item, index) =>
        h(
          "button",
          {
            key: index,
            type: "button",
            role: "menuitem",
            class: "menu-item",
            created: (node) => index === 0 && node.focus(),
            on: { click: () => choose(item) },
          },
          h("span", null, withEmoji(item.words)),
          item.note ? h("span", { class: "menu-note" }, item.note) : null,
        ),
      ),
    ),
  );
}
