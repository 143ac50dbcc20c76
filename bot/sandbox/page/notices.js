// Toasts, which stay until they are dismissed.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { act } from "./live.js";
import { mrkdwn } from "./mrkdwn.js";
import { change, here } from "./store.js";

function dismiss(notice) {
  if (notice.own) change(() => (here.notices = here.notices.filter((one) => one !== notice)));
  else act({ do: "dismiss", notice_id: notice.id });
}

/** Draw all toasts. */
export function noticeLayer() {
  const all = [...(here.state?.notices ?? []), ...here.notices];
  return h(
    "div",
    { key: "notices", class: "notices", role: "region", "aria-label": "Notices" },
    all.map((notice) =>
      h(
        "div",
        { key: notice.id, class: `notice ${notice.level}`, role: notice.level === "error" ? "alert" : "status" },
        h("div", { class: "words" }, mrkdwn(notice.text)),
        h("button", { type: "button", class: "tool", "aria-label": "Dismiss", on: { click: () => dismiss(notice) } }, icon("close")),
      ),
    ),
  );
}
