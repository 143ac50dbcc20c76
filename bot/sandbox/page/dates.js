// Times, in the reader's own time zone and language.

const DAY_MS = 86_400_000;

const format = (options) => (date) => new Intl.DateTimeFormat(undefined, options).format(date);
const clock = format({ hour: "numeric", minute: "2-digit" });
const full = format({ dateStyle: "full", timeStyle: "medium" });
const short = format({ month: "short", day: "numeric", year: "numeric" });

const TOKENS = {
  date_num: (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`,
  date_slash: format({ dateStyle: "short" }),
  date: format({ dateStyle: "long" }),
  date_short: short,
  date_long: format({ dateStyle: "full" }),
  date_pretty: (date) => near(date) ?? format({ dateStyle: "long" })(date),
  date_short_pretty: (date) => near(date) ?? short(date),
  date_long_pretty: (date) => near(date) ?? format({ dateStyle: "full" })(date),
  day_divider_pretty: (date) => near(date) ?? format({ weekday: "long", month: "long", day: "numeric" })(date),
  time: clock,
  time_secs: format({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: (date) => ago(date),
};

const pad = (number) => String(number).padStart(2, "0");
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

function near(date) {
  const days = Math.round((midnight(date) - midnight(new Date())) / DAY_MS);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

function ago(date) {
  const minutes = Math.round((date.getTime() - Date.now()) / 60_000);
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  if (Math.abs(minutes) < 1440) return words.format(Math.round(minutes / 60), "hour");
  return words.format(Math.round(minutes / 1440), "day");
}

/** The date of a message or of a Unix time in seconds. */
export const dateOf = (seconds) => new Date(Number(seconds) * 1000);

/** Hours and minutes of a message. */
export const timeOf = (ts) => clock(dateOf(ts));

/** Date and time in full, for titles and screen readers. */
export const fullTimeOf = (ts) => full(dateOf(ts));

/** The day of a message as a line between days says it. */
export function dayOf(ts) {
  const text = TOKENS.day_divider_pretty(dateOf(ts));
  return text[0].toUpperCase() + text.slice(1);
}

/** Fill the braces of a Slack date format. */
export function formatDate(seconds, pattern) {
  const date = dateOf(seconds);
  return pattern.replace(/\{([a-z_]+)\}/g, (all, name) => TOKENS[name]?.(date) ?? all);
}
