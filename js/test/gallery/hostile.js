/**
 * Feeds hostile text to real views and looks at every element that comes into the page.
 *
 * The lists here are the test's own: they say what may be in the page, whatever `dom.ts` says.
 */

import "./fake.js";

const HTML = new Set(
  "a blockquote br button code del details div em h1 h2 h3 h4 h5 h6 hr input kbd li mark ol p pre s section span strong sub summary sup table u tbody td th thead tr ul".split(" "),
);
const MATHML = new Set(
  "math mrow mi mn mo mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup munder mover munderover mmultiscripts mprescripts mtable mtr mtd".split(" "),
);
const SVG = new Set(["svg", "path"]);
const ATTRIBUTES =
  /^(?:aria-[a-z]+|class|dir|role|tabindex|title|type|start|value|align|hidden|open|disabled|checked|href|target|rel|referrerpolicy|style|d|viewBox|data-(?:fault|host|kind|level|live|scrolls|state|stop|stuck|value|lm-suppress-shortcuts))$/;
const MATH_ATTRIBUTES =
  /^(?:accent|accentunder|class|depth|display|displaystyle|fence|form|height|largeop|linethickness|lspace|mathbackground|mathcolor|mathsize|mathvariant|maxsize|minsize|movablelimits|rowspacing|rspace|scriptlevel|separator|stretchy|style|symmetric|voffset|width)$/;
/** No value of these is long, or more than a number with its unit, a word or a colour. */
const MATH_VALUE = /^[\w.#+\- %:;()]{0,200}$/;
/** JupyterLab and others act on elements by these. */
const OWN_CLASS = /^sw-[a-z0-9-]+$/;
const INPUT = /^checkbox$/;

/** What is wrong with `element`; null if nothing is. */
export function fault(element) {
  const name = element.localName;
  const kind = element.namespaceURI.slice(-6);
  const isMath = kind === "MathML";
  const names = isMath ? MATHML : kind === "00/svg" ? SVG : HTML;
  if (!names.has(name)) return `<${name}>`;
  for (const { name: attribute, value } of element.attributes) {
    if (!(isMath ? MATH_ATTRIBUTES : ATTRIBUTES).test(attribute)) return `<${name} ${attribute}="${value}">`;
    if (isMath && !MATH_VALUE.test(value)) return `<${name} ${attribute}="${value}">`;
    if (/url|image|expression|@|position:\s*fixed/i.test(attribute === "style" ? value : "")) return `style="${value}"`;
  }
  for (const one of element.classList) if (!OWN_CLASS.test(one)) return `class="${one}"`;
  if (name === "input" && !INPUT.test(element.type)) return `<input type=${element.type}>`;
  return name === "a" ? badLink(element) : null;
}

function badLink(link) {
  if (!link.hasAttribute("href")) return null; // it leads nowhere; without this the look itself would fail
  const { protocol, host, pathname } = new URL(link.href, "relative:x");
  if (!["http:", "https:", "mailto:"].includes(protocol)) return `href="${link.getAttribute("href")}"`;
  if (protocol !== "mailto:" && host === location.host) return `a link to the notebook's own server: ${link.href}`;
  if (link.target !== "_blank" || link.rel !== "noopener noreferrer nofollow") return "a link without target and rel";
  if (link.dataset.host !== (protocol === "mailto:" ? decodeMail(pathname) : host)) return `a link to ${host} that says ${link.dataset.host}`;
  return /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(link.textContent + link.title) ? "bidi control in a link" : null;
}

const decodeMail = (path) => {
  try {
    return decodeURIComponent(path).slice(0, 300).replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  } catch {
    return path.slice(0, 300);
  }
};

const faults = [];
let looked_count = 0;
/** Everything that is ever put into the page or changed there is looked at, however short it stays. */
const observer = new MutationObserver((records) => records.forEach(look));

function look({ type, target, addedNodes }) {
  if (type === "attributes") lookAt(target);
  for (const node of addedNodes) {
    if (!(node instanceof Element)) continue;
    lookAt(node);
    for (const inner of node.getElementsByTagName("*")) lookAt(inner);
  }
}

function lookAt(element) {
  if (element.classList.contains("scene")) return; // the gallery's own
  looked_count += 1;
  const found = fault(element);
  if (found && faults.length < 20) faults.push(found);
}

export const textOf = ({ text, repeat }) =>
  text ?? repeat.map((one, at) => (typeof one === "string" ? one.repeat(typeof repeat[at + 1] === "number" ? repeat[at + 1] : 1) : "")).join("");

const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
const idle = () => new Promise((done) => requestIdleCallback(done, { timeout: 500 }));

/** A view that is running, with nothing in it yet. */
async function open() {
  await gallery.show(["connecting"]);
  const model = gallery.models.connecting;
  let seq = 0;
  const status = { rev: 1, state: "streaming", title: "T", elapsed_s: 1, first_token_s: 0.1, token_count: 1, tokens_estimated: false, char_count: 1, stop: null };
  const patch = (ops, more = {}) => model.patch({ run_id: "view.2", from_seq: seq, seq: ++seq, ops: [ops], status: { ...status, rev: seq + 1, ...more } });
  return { model, patch };
}

const part = (id, kind, more = {}) => ({ op: "add", part: { id, kind, state: "open", text: "", step_id: null, ...more } });
const unfold = () => document.querySelectorAll(".sw-view details").forEach((one) => (one.open = true));

const KINDS = ["text", "reasoning"];
const MOST_CUTS = 150;

/** Each of `cuts` in parts of their own: what is before it, a frame, then the rest. */
async function feedCut({ patch }, text, cuts, kinds = KINDS) {
  for (let from = 0; from < cuts.length; from += MOST_CUTS) {
    const some = cuts.slice(from, from + MOST_CUTS).flatMap((cut) => kinds.map((kind) => ({ cut, kind, id: `${kind}-${cut}` })));
    patch(some.map(({ id, kind }) => part(id, kind)));
    patch(some.map(({ id, cut }) => ({ op: "append", id, text: text.slice(0, cut) })));
    await frame();
    unfold();
    await frame();
    patch(some.map(({ id, cut }) => ({ op: "append", id, text: text.slice(cut) })));
    await frame();
    patch(some.map(({ id }) => ({ op: "set", id, fields: { state: "closed" } })));
    await frame();
    await idle();
    patch([{ op: "remove", ids: some.map(({ id }) => id) }]);
  }
}

/** The text in every field of every kind that is not fed piece by piece. */
function fields(text, id) {
  const more = { text, name: text, message: text, unit: text, fault: text, detail: text, data: { [text.slice(0, 40)]: text }, level: text, code: text, error_type: text, url: text, title: text, tool_name: text, tool_call_id: text, result: text, completed: 1, total: 2 };
  const kinds = ["tool-call", "step", "progress", "notice", "error", "source", "unknown", text.slice(0, 100)];
  return kinds.map((kind, at) => part(`${id}-${at}`, kind, more));
}

async function feedFields({ patch }, text, cuts) {
  const all = cuts.flatMap((cut) => fields(text.slice(0, cut), `f${cut}`));
  patch(all, { title: text, not_sent: text, stopped_by: { code: text, limit: 1, unit: text } });
  await frame();
  unfold();
  await frame();
  patch([{ op: "run", fields: { source: text, format: text, finish_reason: text } }]);
  patch([{ op: "remove", ids: all.map((one) => one.part.id) }]);
  await frame();
}

/** A longer text is cut at two places only. */
const WHOLE_CHARS = 2000;

let view = null;

/** Feeds one payload at once. */
async function runWhole(payload) {
  faults.length = looked_count = 0;
  view = await open();
  view.patch([part("whole", "text", { text: textOf(payload), state: "closed" })]);
  await frame();
}

/** Feeds the payload in every other way; gives what was found, also while it was fed at once. */
async function run(payload) {
  const text = textOf(payload);
  if (text.length <= WHOLE_CHARS) {
    await feedCut(view, text, Array.from({ length: text.length + 1 }, (_, at) => at));
    await feedFields(view, text, Array.from({ length: 10 }, (_, at) => Math.round((text.length * (at + 1)) / 10)));
  } else {
    await feedCut(view, text, [Math.floor(text.length / 3), text.length - 3], ["text"]);
    await feedFields(view, text, [text.length]);
  }
  observer.takeRecords().forEach(look);
  document.querySelectorAll(".sw-view").forEach((one) => [...one.getElementsByTagName("*")].forEach(lookAt));
  return { faults: [...faults], looked_count, ran: globalThis.pwned ?? null };
}

/** As careless programs do it: the test must find what this lets through. */
function careless(payload) {
  const html = textOf(payload)
    .replace(/!\[([^\]]*)\]\(([^)]*)\)/g, '<img alt="$1" src="$2">')
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '<a href="$2">$1</a>')
    .replace(/<((?:javascript|vbscript|data|https?):[^>]*)>/g, '<a href="$1">$1</a>');
  const div = document.createElement("div");
  div.innerHTML = html;
  return div;
}

async function runCareless(payload) {
  faults.length = 0;
  await open();
  document.querySelector(".sw-body").append(careless(payload));
  await frame();
  await new Promise((done) => setTimeout(done, 30));
  observer.takeRecords().forEach(look);
  const found = { faults: [...faults], ran: globalThis.pwned ?? null };
  document.body.replaceChildren();
  delete globalThis.pwned;
  return found;
}

/** Waits until both lazy parts are there, so that they are tried as well. */
async function warmUp() {
  const view = await open();
  view.patch([part("w", "text"), { op: "append", id: "w", text: "$x$\n\n```js\n1\n```\n" }]);
  while (!document.querySelector(".sw-view math") || !document.querySelector(".sw-tok-number")) await frame();
}

observer.observe(document.body, { subtree: true, childList: true, attributes: true });
globalThis.hostile = { payloads: await (await fetch("hostile.json")).json(), run, runWhole, runCareless, warmUp };
