// The data_visualization block as a small inline drawing, with its numbers in a table for screen readers.

import { h } from "./dom.js";

const WIDE = 560;
const NARROW = 340;
const PHONE_PX = 720;
const HEIGHT = 220;
const LEFT = 46;
const RIGHT = 10;
const TOP = 12;
const BOTTOM = 30;

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, notation: "compact" });
const spanY = HEIGHT - TOP - BOTTOM;

/** Round ticks that cover zero and every value. */
export function ticksFor(values) {
  const top = Math.max(0, ...values);
  const bottom = Math.min(0, ...values);
  const rough = (top - bottom || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.floor(bottom / step);
  const last = Math.ceil(top / step);
  return Array.from({ length: Math.max(1, last - first) + 1 }, (_, index) => (first + index) * step);
}

function read(block) {
  const { chart = {} } = block;
  if (chart.segments) {
    const categories = chart.segments.map((one) => one.label);
    return { kind: "bar", categories, series: [{ name: block.title ?? "", values: chart.segments.map((one) => one.value) }] };
  }
  const series = chart.series ?? [];
  const categories = chart.axis_config?.categories ?? (series[0]?.data ?? []).map((one) => one.label);
  const values = (one) => categories.map((label, index) => (one.data.find((point) => point.label === label) ?? one.data[index])?.value ?? 0);
  return {
    kind: chart.type === "bar" ? "bar" : chart.type,
    categories,
    series: series.map((one) => ({ name: one.name, values: values(one) })),
    axes: chart.axis_config ?? {},
  };
}

function axes(ticks, y, categories, x, width) {
  const every = Math.ceil(categories.length / (width / 68));
  return [
    ...ticks.map((tick) => [
      h("line", { x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick), class: tick === 0 ? "axis" : "grid" }),
      h("text", { x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, number.format(tick)),
    ]),
    ...categories.map((label, index) =>
      index % every ? null : h("text", { x: x(index), y: HEIGHT - 10, "text-anchor": "middle" }, label.slice(0, 12)),
    ),
  ];
}

function bars({ series }, x, y, slot) {
  const room = slot * 0.68;
  const width = Math.min(room / series.length, 44);
  return series.flatMap((one, row) =>
    one.values.map((value, index) => {
      const left = x(index) - (width * series.length) / 2 + row * width;
      const [high, low] = [y(Math.max(value, 0)), y(Math.min(value, 0))];
      return h("rect", { class: `tone-${row % 6}`, x: left + 1, y: high, width: Math.max(width - 2, 1), height: Math.max(low - high, 1), rx: 2 });
    }),
  );
}

function lines({ series, kind }, x, y) {
  return series.flatMap((one, row) => {
    const points = one.values.map((value, index) => `${x(index)},${y(value)}`);
    const under = `${x(0)},${y(0)} ${points.join(" ")} ${x(one.values.length - 1)},${y(0)}`;
    return [
      kind === "area" ? h("polygon", { class: `under tone-${row % 6}`, points: under }) : null,
      h("polyline", { class: `stroke tone-${row % 6}`, points: points.join(" ") }),
      ...one.values.map((value, index) => h("circle", { class: `tone-${row % 6}`, cx: x(index), cy: y(value), r: 3 })),
    ];
  });
}

function numbers({ series, categories }, title) {
  return h(
    "table",
    { class: "unseen" },
    h("caption", null, title),
    h("thead", null, h("tr", null, h("td", null), categories.map((label) => h("th", { scope: "col" }, label)))),
    h("tbody", null, series.map((one) => h("tr", null, h("th", { scope: "row" }, one.name), one.values.map((value) => h("td", null, value))))),
  );
}

/** Draw a chart block. */
export function chart(block) {
  const data = read(block);
  const title = block.title?.text ?? block.title ?? "Chart";
  if (!data.series.length) return h("div", { class: "unknown", role: "note" }, `chart without data: ${title}`);
  const ticks = ticksFor(data.series.flatMap((one) => one.values));
  const y = (value) => TOP + spanY * (1 - (value - ticks[0]) / (ticks.at(-1) - ticks[0]));
  // The letters keep their size: a phone gets a smaller field, not a smaller picture.
  const width = innerWidth <= PHONE_PX ? NARROW : WIDE;
  const slot = (width - LEFT - RIGHT) / Math.max(data.categories.length, 1);
  const x = (index) => LEFT + slot * (index + 0.5);
  const marks = data.kind === "bar" ? bars(data, x, y, slot) : lines(data, x, y);
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", null, title),
    h("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true" }, axes(ticks, y, data.categories, x, width), marks),
    h("div", { class: "legend", "aria-hidden": "true" }, data.series.map((one, row) => h("span", null, h("i", { class: `swatch tone-${row % 6}` }), one.name))),
    data.axes?.y_label ? h("p", { class: "hint" }, [data.axes.y_label, data.axes.x_label].filter(Boolean).join(" by ")) : null,
    numbers(data, title),
  );
}
