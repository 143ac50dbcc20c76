// Where the person is: kept in the address, so that reload and the back button work.

import { change, channel, here, isReply, messagesOf } from "./store.js";
import { act, connect } from "./live.js";

const PERMALINK = /^\/archives\/([A-Z0-9]+)\/p(\d{10,})(\d{6})$/;

function toHash(place) {
  if (place.pane === "home") return "#/home";
  if (place.pane === "list") return "#/channels";
  return `#/${[place.channel, place.thread].filter(Boolean).join("/")}`;
}

function fromAddress() {
  const linked = fromPermalink(location.href);
  if (linked) return linked;
  const [first, thread] = location.hash.slice(2).split("/");
  if (first === "home") return { pane: "home", channel: null, thread: null, mark: null };
  if (first === "channels") return { pane: "list", channel: null, thread: null, mark: null };
  return { pane: "channel", channel: first || null, thread: thread || null, mark: null };
}

/** The place a message link of this sandbox points to, or null for any other link. */
export function fromPermalink(link) {
  const url = new URL(link, location.href);
  const found = PERMALINK.exec(url.pathname);
  if (url.origin !== location.origin || !found) return null;
  const ts = `${found[2]}.${found[3]}`;
  const thread = url.searchParams.get("thread_ts");
  return { pane: "channel", channel: found[1], thread: thread === ts ? null : thread, mark: ts };
}

function write(place, how) {
  const as = here.as ? `?as=${encodeURIComponent(here.as)}` : "";
  const opened = how === "push" && place.thread && !here.place.thread && here.place.pane === "channel";
  history[how === "push" ? "pushState" : "replaceState"]({ opened: Boolean(opened) }, "", `/${as}${toHash(place)}`);
}

/** Go somewhere: `pane` is channel, home or list; the rest is kept where it is not named. */
export function go(where, how = "push") {
  const place = { ...here.place, thread: null, mark: null, ...where };
  write(place, how);
  change(() => {
    here.place = place;
    here.menu = null;
  });
  if (place.pane === "home") act({ do: "open_home" });
}

/** Open a message link inside the page; false when it leads elsewhere. */
export function goLink(link) {
  const place = fromPermalink(link);
  if (!place) return false;
  go(place);
  return true;
}

/** Leave the thread, by the way the person came. */
export function closeThread() {
  if (history.state?.opened) history.back();
  else go({ thread: null });
}

/** Become another person; everything stays where it is. */
export function actAs(id) {
  change(() => {
    here.as = id;
    here.typed = {};
    here.missing = {};
    here.confirm = null;
    here.menu = null;
  });
  write(here.place, "replace");
  connect();
  if (here.place.pane === "home") act({ do: "open_home" });
}

/** Choose a channel where the address named none, or one that this person cannot see. */
export function placeAfterState() {
  const { place, state } = here;
  if (place.pane !== "channel" && place.channel) return;
  const thread = place.thread && messagesOf(place.channel).some((one) => one.ts === place.thread && !isReply(one));
  if (channel(place.channel) && (thread || !place.thread)) return;
  const known = channel(place.channel) ? place.channel : state.channels.find((one) => !one.im)?.id;
  change(() => (here.place = { ...place, channel: known ?? state.channels[0]?.id ?? null, thread: null }));
  write(here.place, "replace");
}

/** Follow the address: once now, and whenever the person goes back or forth. */
export function watchAddress() {
  here.place = fromAddress();
  addEventListener("popstate", () => {
    const channelBefore = here.place.channel;
    const place = fromAddress();
    change(() => {
      here.place = { ...place, channel: place.channel ?? channelBefore };
      here.menu = null;
    });
  });
}
