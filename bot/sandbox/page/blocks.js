// Block Kit blocks of messages, modals and the home tab.

import { chart } from "./chart.js";
import { h } from "./dom.js";
import { element } from "./elements.js";
import { inputBlock } from "./field.js";
import { safeImage } from "./links.js";
import { markdown } from "./markdown.js";
import { textObject } from "./mrkdwn.js";
import { richText } from "./rich.js";
import { table } from "./table.js";
import { blockId } from "./typed.js";

function picture(value, size) {
  const src = safeImage(value.image_url ?? value.slack_file?.url ?? "");
  if (!src) return h("span", { class: "unknown" }, `image without a usable address: ${value.alt_text ?? ""}`);
  return h("img", { class: size, src, alt: value.alt_text ?? "", loading: "lazy" });
}

function section(block, owner, id) {
  const accessory = block.accessory;
  const drawn = accessory && (accessory.type === "image" ? picture(accessory, "thumb") : element(accessory, owner, id));
  return h(
    "div",
    { class: drawn ? "section with-accessory" : "section" },
    h(
      "div",
      { class: "section-words" },
      block.text ? h("div", { class: "words" }, textObject(block.text)) : null,
      block.fields ? h("div", { class: "fields" }, block.fields.map((one) => h("div", { class: "words" }, textObject(one)))) : null,
    ),
    drawn ? h("div", { class: "accessory" }, drawn) : null,
  );
}

function context(block) {
  const kids = block.elements.map((one) => (one.type === "image" ? picture(one, "tiny") : h("span", { class: "words" }, textObject(one))));
  return h("div", { class: "context" }, kids);
}

function image(block) {
  const title = block.title ? h("figcaption", null, textObject(block.title)) : null;
  return h("figure", { class: "image" }, title, picture(block, "picture"));
}

const BLOCKS = {
  header: (block) => h("h3", { class: "header" }, textObject(block.text)),
  section,
  context,
  actions: (block, owner, id) => h("div", { class: "actions" }, block.elements.map((one) => element(one, owner, id))),
  divider: () => h("hr", null),
  image,
  input: inputBlock,
  rich_text: (block) => h("div", { class: "words" }, richText(block)),
  markdown: (block) => h("div", { class: "words markdown" }, markdown(block.text)),
  table,
  data_visualization: chart,
};

function drawBlock(block, owner, index) {
  const id = blockId(block, index);
  const draw = BLOCKS[block.type];
  const drawn = draw ? draw(block, owner, id) : h("div", { class: "unknown", role: "note" }, `unknown block ${block.type}`);
  return h("div", { key: `${block.type} ${id}`, class: `block block-${block.type}`, "data-block": id }, drawn);
}

/** Draw blocks; `owner` says whose they are: `{form, channel, ts}` of a message or `{form, view, errors}` of a view. */
export function blocks(values, owner) {
  return h("div", { class: "blocks" }, (values ?? []).map((block, index) => drawBlock(block, owner, index)));
}

/** Whether blocks look like a card rather than like a spoken line. */
export const isCard = (values) => (values ?? []).some((one) => ["header", "actions", "table", "input"].includes(one.type)) || (values ?? []).length > 2;

