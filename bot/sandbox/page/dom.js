// A small keyed renderer: what did not change keeps its DOM node, and with it focus, scroll and typed text.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle", "rect", "line", "polyline", "polygon", "g", "text"]);
const LIVE = ["value", "checked"];
const fresh = [];

/** Describe an element; strings among the children become text nodes, so data never becomes markup. */
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, kids: flatten(children, "") };
}

/** An element whose description is only worked out again when one of `deps` differs from the time before. */
export function lazy(tag, key, deps, describe) {
  return { tag, props: { key }, deps, describe };
}

function flatten(children, prefix) {
  const found = [];
  children.forEach((child, index) => {
    if (child === null || child === undefined || child === false || child === true) return;
    const place = `${prefix}${index}`;
    if (Array.isArray(child)) {
      found.push(...flatten(child, `${place}.`));
    } else if (typeof child === "object") {
      const key = child.props.key;
      found.push({ id: `${child.tag} ${key === undefined ? place : `=${key}`}`, ...child });
    } else {
      found.push({ id: `text ${place}`, text: String(child) });
    }
  });
  return found;
}

/** Make the children of `parent` what `children` describes. */
export function patch(parent, children) {
  patchKids(parent, flatten(children, ""));
  // Only now is everything in the document, where it can take the focus.
  for (const run of fresh.splice(0)) run();
}

function patchKids(parent, wanted) {
  const old = parent.kidsById ?? new Map();
  const next = new Map();
  for (const kid of wanted) {
    let id = kid.id;
    while (next.has(id)) id += "'";
    next.set(id, [old.get(id)?.[0] ?? null, kid]);
  }
  for (const [id, [node]] of old) if (!next.has(id)) node.remove();
  let at = parent.firstChild;
  for (const [id, [found, kid]] of next) {
    const node = found ?? create(kid);
    const wantedNow = described(node, kid);
    if (wantedNow) update(node, wantedNow);
    next.set(id, [node, kid]);
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  parent.kidsById = next;
}

function described(node, kid) {
  if (!kid.describe) return kid;
  if (node?.deps?.length === kid.deps.length && node.deps.every((one, index) => one === kid.deps[index])) return null;
  return { ...kid.describe(), deps: kid.deps };
}

function create(kid) {
  if (kid.text !== undefined) return document.createTextNode(kid.text);
  const node = SVG_TAGS.has(kid.tag) ? document.createElementNS(SVG, kid.tag) : document.createElement(kid.tag);
  node.drawn = {};
  if (kid.props.created) fresh.push(() => kid.props.created(node));
  return node;
}

function update(node, kid) {
  if (kid.text !== undefined) {
    if (node.data !== kid.text) node.data = kid.text;
    return;
  }
  const before = node.drawn;
  const after = kid.props;
  for (const name of Object.keys(before)) if (!(name in after)) setProp(node, name, undefined);
  for (const [name, value] of Object.entries(after)) {
    if (!LIVE.includes(name) && (name === "on" || before[name] !== value)) setProp(node, name, value);
  }
  patchKids(node, kid.kids);
  // A select only takes a value that is among its options, so values come after the children.
  for (const name of LIVE) if (name in after && node[name] !== after[name]) node[name] = after[name];
  node.drawn = after;
  node.deps = kid.deps;
}

function setProp(node, name, value) {
  if (name === "key" || name === "created") return;
  if (name === "on") return setHandlers(node, value ?? {});
  if (name === "vars") {
    for (const [key, item] of Object.entries(value ?? {})) node.style.setProperty(`--${key}`, item);
    return;
  }
  if (value === undefined || value === null || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

function setHandlers(node, handlers) {
  node.handlers ??= {};
  for (const name of Object.keys(handlers)) {
    if (!(name in node.handlers)) node.addEventListener(name, (event) => node.handlers[name]?.(event));
  }
  for (const name of Object.keys(node.handlers)) if (!(name in handlers)) node.handlers[name] = undefined;
  Object.assign(node.handlers, handlers);
}
