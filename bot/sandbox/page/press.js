// From a touch to an act: confirm where it is asked for, show that something happens, send.

import { change, clearBusy, here, markBusy } from "./store.js";
import { act } from "./live.js";
import { goLink } from "./place.js";
import { safeUrl } from "./links.js";
import { valuesOf } from "./typed.js";

/** The name under which a control is busy. */
export const busyKey = (owner, block, element) => `${owner.form} ${block} ${element.action_id}`;

/** Whether a control waits for an answer. */
export const isBusy = (owner, block, element) => here.busy.has(busyKey(owner, block, element));

function follow(address) {
  const url = safeUrl(address);
  if (url && !goLink(url)) open(url, "_blank", "noopener,noreferrer");
}

async function send(owner, block, element, payload, address) {
  const key = busyKey(owner, block, element);
  if (address) follow(address);
  else markBusy(key);
  const common = { do: "press", block_id: block, action_id: element.action_id, element: payload };
  const place = owner.view
    ? { view_id: owner.view.id, values: valuesOf(owner.view, owner) }
    : { channel: owner.channel, ts: owner.ts };
  if (!(await act({ ...common, ...place }))) clearBusy(key);
}

/** Press a control; `payload` is what Slack would send of it, `cancelled` undoes a choice that was not confirmed. */
export function press(owner, block, element, payload, { address, confirm = element.confirm, cancelled } = {}) {
  if (isBusy(owner, block, element)) return;
  const go = () => send(owner, block, element, payload, address);
  if (!confirm) go();
  else change(() => (here.confirm = { ...confirm, go, cancelled }));
}
