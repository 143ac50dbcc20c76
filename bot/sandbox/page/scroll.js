// Keeps the end of a conversation in sight for whoever is reading it there, and moves nobody else.

import { change, here } from "./store.js";

const NEAR_PX = 60;
const sticks = new Map();
const seenAt = new Map();
const counts = new Map();

const scrollers = () => document.querySelectorAll("[data-scroll]");
const isNear = (node) => node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_PX;

const resized = new ResizeObserver(() => scrollers().forEach(settle));

function settle(node) {
  if (sticks.get(node.dataset.scroll)) node.scrollTop = node.scrollHeight;
}

function watch(node) {
  const pane = node.dataset.scroll;
  node.addEventListener("scroll", () => {
    // A pane that is not shown has no height and tells nothing.
    if (!node.clientHeight) return;
    sticks.set(pane, isNear(node));
    if (isNear(node) && here.below[pane]) change(() => (here.below[pane] = false));
  });
  resized.observe(node);
  resized.observe(node.firstElementChild);
}

function shown(node) {
  const pane = node.dataset.scroll;
  const moved = seenAt.get(node) !== node.dataset.at;
  const count = node.querySelectorAll("article").length;
  if (!seenAt.has(node)) watch(node);
  if (moved) sticks.set(pane, true);
  const more = !moved && count > (counts.get(pane) ?? 0);
  counts.set(pane, count);
  seenAt.set(node, node.dataset.at);
  settle(node);
  if (moved && here.below[pane]) change(() => (here.below[pane] = false));
  if (more && !sticks.get(pane)) change(() => (here.below[pane] = true));
}

function toMark() {
  const ts = here.place.mark;
  if (!ts || toMark.last === ts) return;
  const pane = here.place.thread ? "thread" : "channel";
  const node = document.querySelector(`[data-scroll=${pane}] article[data-ts="${CSS.escape(ts)}"]`);
  if (!node) return;
  toMark.last = ts;
  sticks.set(pane, false);
  node.scrollIntoView({ block: "center" });
}

/** Settle every conversation after the page was drawn. */
export function afterDraw() {
  scrollers().forEach(shown);
  if (!here.place.mark) toMark.last = null;
  toMark();
}

/** Go to the end of a conversation. */
export function toBottom(pane) {
  sticks.set(pane, true);
  change(() => (here.below[pane] = false));
  document.querySelectorAll(`[data-scroll=${pane}]`).forEach(settle);
}
