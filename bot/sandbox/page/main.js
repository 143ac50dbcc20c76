// The page: draws what the store knows whenever it changes.

import { confirmLayer } from "./confirm.js";
import { h, patch } from "./dom.js";
import * as focus from "./focus.js";
import { homePane } from "./home.js";
import { connect, watchNetwork } from "./live.js";
import { closeMenu, menuLayer } from "./menu.js";
import { modalLayer } from "./modal.js";
import { noticeLayer } from "./notices.js";
import { channelPane, threadPane } from "./panes.js";
import { go, watchAddress } from "./place.js";
import * as scroll from "./scroll.js";
import { markSeen, offline, sidebar, tabs, topBar } from "./shell.js";
import { change, drawWith, here } from "./store.js";

const root = document.getElementById("app");

function shell() {
  const { pane, thread } = here.place;
  const covered = Boolean(here.state.modal || here.confirm);
  const drawnThread = threadPane();
  return h(
    "div",
    { key: "shell", class: "shell", "data-at": thread && drawnThread ? "thread" : pane, inert: covered },
    topBar(),
    offline(),
    h("div", { key: "body", class: "body" }, sidebar(), pane === "home" ? homePane() : channelPane(), drawnThread),
    tabs(),
  );
}

function loading() {
  const words = here.online === false ? "The sandbox is not reachable. Trying again…" : "Opening the sandbox…";
  return h("div", { key: "loading", class: "loading", role: "status" }, h("span", { class: "spinner" }), words);
}

function title() {
  const where = here.state.channels.find((one) => one.id === here.place.channel);
  return here.place.pane === "home" ? "App Home" : `${where?.im ? "" : "#"}${where?.name ?? "Channels"}`;
}

function draw() {
  if (!here.state) return patch(root, [loading(), noticeLayer()]);
  focus.beforeDraw();
  markSeen();
  patch(root, [shell(), modalLayer(), confirmLayer(), menuLayer(), noticeLayer()]);
  document.title = `${title()} · ${here.state.team.name}`;
  scroll.afterDraw();
  focus.afterDraw();
}

drawWith(draw);
watchAddress();
draw();
connect();
watchNetwork();
focus.watchKeys();
addEventListener("resize", () => (here.menu ? closeMenu() : change()));
if (here.place.pane === "home") go({ pane: "home" }, "replace");
