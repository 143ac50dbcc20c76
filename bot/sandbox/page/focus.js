// Where the keyboard is: inside the topmost dialog while there is one, and back where it was afterwards.

import { refuse } from "./confirm.js";
import { closeMenu } from "./menu.js";
import { closeModal } from "./modal.js";
import { closeThread } from "./place.js";
import { here } from "./store.js";

const CAN = "a[href], button, input, select, textarea, [tabindex='0']";
const stack = [];
let layerBefore = null;
let viewBefore = null;
let threadBefore = null;
let errorsBefore = "";

const topLayer = () => (here.confirm ? "confirm" : here.state?.modal ? "modal" : null);
const layerNode = (name) => document.querySelector(`[data-layer=${name}]`);
const shown = (node) => node.getClientRects().length > 0 && !node.disabled;

function enter(name) {
  const layer = layerNode(name);
  const wanted = layer.querySelector("[data-autofocus]") ?? layer.querySelector(".dialog-body :is(input, select, textarea, button)");
  (wanted ?? layer.querySelector("h2")).focus();
}

function leave(back) {
  const { node, article } = back ?? {};
  const target = node?.isConnected && shown(node) ? node : article?.isConnected ? article : document.querySelector("[data-composer=channel]");
  target?.focus();
}

function onLayers() {
  const now = topLayer();
  if (now === layerBefore) return;
  const depth = { null: 0, modal: 1, confirm: 2 };
  if (depth[now] > depth[layerBefore]) enter(now);
  else {
    const back = stack.pop();
    if (now === null && stack.length) leave(stack.splice(0)[0]);
    else leave(back);
  }
  layerBefore = now;
}

/** Remember where the keyboard is before a dialog is drawn. */
export function beforeDraw() {
  const now = topLayer();
  const depth = { null: 0, modal: 1, confirm: 2 };
  if (depth[now] > depth[layerBefore]) {
    const node = document.activeElement;
    stack.push({ node, article: node?.closest?.("article") });
  }
}

function onErrors() {
  const errors = JSON.stringify(here.state?.modal?.errors ?? {});
  const fresh = errors !== errorsBefore && errors !== "{}";
  errorsBefore = errors;
  if (!fresh && !here.focusWrong) return;
  here.focusWrong = false;
  const field = layerNode("modal")?.querySelector(".wrong");
  field?.querySelector("input, select, textarea")?.focus();
}

function onView() {
  const view = here.state?.modal?.view.id ?? null;
  const layer = layerNode("modal");
  const lost = layer && !layer.contains(document.activeElement) && topLayer() === "modal";
  const atTitle = layer && document.activeElement === layer.querySelector("h2");
  if (layer && (view !== viewBefore || lost || atTitle)) enter("modal");
  viewBefore = view;
}

function onThread() {
  const thread = here.place.pane === "channel" ? here.place.thread : null;
  if (thread === threadBefore) return;
  if (thread) document.querySelector("[data-thread-title]")?.focus();
  else document.querySelector(`[data-pane=channel] [data-open-thread="${CSS.escape(threadBefore)}"]`)?.focus();
  threadBefore = thread;
}

/** Put the keyboard where it belongs after the page was drawn. */
export function afterDraw() {
  onThread();
  onLayers();
  onView();
  onErrors();
}

function trap(event, layer) {
  const notices = document.querySelector(".notices");
  const all = [layer, notices].flatMap((node) => [...(node?.querySelectorAll(CAN) ?? [])]).filter(shown);
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = event.shiftKey ? at - 1 : at + 1;
  if (at >= 0 && next >= 0 && next < all.length) return;
  event.preventDefault();
  all.at(event.shiftKey ? -1 : 0).focus();
}

/** Listen for Tab and Escape. */
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    const layer = topLayer();
    if (event.key === "Tab" && layer) trap(event, layerNode(layer));
    if (event.key !== "Escape") return;
    if (here.menu) closeMenu();
    else if (layer === "confirm") refuse();
    else if (layer === "modal") closeModal();
    else if (here.place.thread && here.place.pane === "channel") closeThread();
  });
}
