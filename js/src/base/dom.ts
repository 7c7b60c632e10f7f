/**
 * The only place that creates elements. Names and attributes come from the lists below, text goes
 * in as text nodes, and no markup is ever parsed, but for the bare name of a character reference (see
 * `namedCharacter`). Links and images take only addresses that
 * `safety` has checked.
 */

import type { Picture } from "./pictures.ts";
import type { Address } from "./safety.ts";
import * as english from "../words/english.ts";

type ElementName =
  | "blockquote"
  | "br"
  | "button"
  | "code"
  | "col"
  | "colgroup"
  | "del"
  | "details"
  | "div"
  | "em"
  | "h1"
  | "h2"
  | "h3"
  | "h4"
  | "h5"
  | "h6"
  | "hr"
  | "input"
  | "kbd"
  | "label"
  | "li"
  | "mark"
  | "ol"
  | "option"
  | "p"
  | "pre"
  | "s"
  | "section"
  | "select"
  | "span"
  | "strong"
  | "sub"
  | "summary"
  | "sup"
  | "table"
  | "tbody"
  | "td"
  | "textarea"
  | "th"
  | "thead"
  | "tr"
  | "u"
  | "ul";

type AttributeName =
  | `aria-${"busy" | "checked" | "colcount" | "current" | "disabled" | "expanded" | "haspopup" | "hidden" | "label" | "level" | "live"}`
  | `aria-${"describedby" | "invalid" | "labelledby" | "required"}`
  | `aria-${"pressed" | "rowcount" | "rowindex" | "selected" | "sort" | "valuemax" | "valuemin" | "valuenow" | "valuetext"}`
  | `aria-${"activedescendant" | "colindex" | "multiselectable"}`
  | `data-${"align" | "asks" | "density" | "far" | "fault" | "height" | "host" | "kind" | "level" | "live" | "outcome" | "scrolls" | "series"}`
  | `data-${"stalled" | "state" | "stop" | "stream" | "stuck" | "type" | "value" | "width"}`
  | "align"
  | "autocomplete"
  | "class"
  | "dir"
  | "data-lm-suppress-shortcuts"
  | "hidden"
  | "id"
  | "inputmode"
  | "max"
  | "maxlength"
  | "min"
  | "open"
  | "placeholder"
  | "role"
  | "rows"
  | "scope"
  | "start"
  | "step"
  | "tabindex"
  | "title"
  | "type"
  | "value";

type ShapeName = "circle" | "g" | "line" | "path" | "rect" | "svg" | "text";

type ShapeAttributeName =
  | "class" | "cx" | "cy" | "d" | "data-series" | "height" | "aria-hidden" | "preserveAspectRatio" | "r"
  | "text-anchor" | "viewBox" | "width" | "x" | "x1" | "x2" | "y" | "y1" | "y2";

export type Attributes = { [name in AttributeName]?: string };
export type ShapeAttributes = { [name in ShapeAttributeName]?: string | number };

const SVG = "http://www.w3.org/2000/svg";

/** A new element; strings among the children become text nodes. */
export function create<N extends ElementName>(
  name: N,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[N] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A link without a target; `aim` sets it. */
export function bareLink(attributes: Attributes = {}): HTMLAnchorElement {
  const link = document.createElement("a");
  for (const [key, value] of Object.entries(attributes)) link.setAttribute(key, value);
  return link;
}

/** Sets the target of a link to a checked address, or removes it. */
export function aim(link: HTMLAnchorElement, to: Address | null): void {
  if (to === null) return link.removeAttribute("href");
  if (link.getAttribute("href") === to.href) return;
  link.setAttribute("href", to.href);
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer nofollow");
  link.setAttribute("referrerpolicy", "no-referrer");
}

/**
 * A document in a sandboxed frame: no scripts, forms, pop-ups or origin. The policy in its head, which is
 * our own, allows nothing from the network. With `measured` it has the page's origin, so that its height can
 * be read; such a frame is never shown, so nobody can click a link in it.
 */
export function sealedFrame(head: string, body: string, title: string, measured = false): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", measured ? "allow-same-origin" : "");
  if (measured) frame.inert = true;
  frame.setAttribute("referrerpolicy", "no-referrer");
  frame.setAttribute("title", title);
  frame.setAttribute("srcdoc", head + body);
  return frame;
}

/** A link that opens in a new tab and sends no referrer. */
export function anchor({ href, host }: Address, attributes: Attributes = {}): HTMLAnchorElement {
  const link = document.createElement("a");
  link.setAttribute("href", href);
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer nofollow");
  link.setAttribute("referrerpolicy", "no-referrer");
  link.setAttribute("data-host", host);
  for (const [key, value] of Object.entries(attributes)) link.setAttribute(key, value);
  return link;
}

export function image({ src }: Picture, alt: string, title: string): HTMLImageElement {
  const img = document.createElement("img");
  img.setAttribute("alt", alt);
  if (title !== "") img.setAttribute("title", title);
  img.setAttribute("loading", "lazy");
  img.setAttribute("decoding", "async");
  img.setAttribute("referrerpolicy", "no-referrer");
  img.setAttribute("src", src);
  return img;
}

/** The image at an object URL of ours, once it can be drawn. Rejects if it cannot. */
export async function drawnPicture(url: string): Promise<HTMLImageElement> {
  const img = document.createElement("img");
  img.src = url;
  await img.decode();
  return img;
}

/** A read-only check box. */
export function checkbox(checked: boolean): HTMLInputElement {
  const box = document.createElement("input");
  box.setAttribute("type", "checkbox");
  box.setAttribute("disabled", "");
  if (checked) box.setAttribute("checked", "");
  box.setAttribute("aria-label", checked ? english.DONE : english.TO_DO);
  return box;
}

const characters = new Map<string, string | null>();
/** The browser has 2,125 names; text with more unknown names than this is an attempt to slow the page down. */
const UNKNOWN_COUNT = 2000;
let unknown_count = 0;

/**
 * The character that a reference such as `&auml;` stands for, from the browser's own table, which
 * would be 30 kB here; null if it is not one. Only a bare name in `&` and `;` is handed over, and to a
 * separate document, in which nothing runs or loads.
 */
export function namedCharacter(reference: string): string | null {
  const known = characters.get(reference);
  if (known !== undefined) return known;
  if (!/^&[A-Za-z][A-Za-z0-9]{1,31};$/.test(reference) || unknown_count >= UNKNOWN_COUNT) return null;
  const text = new DOMParser().parseFromString(`<p>${reference}</p>`, "text/html").body.textContent ?? "";
  const whole = !text.endsWith(";") || reference === "&semi;"; // `&notit;` begins with a name
  if (!whole) unknown_count += 1;
  characters.set(reference, whole ? text : null);
  return whole ? text : null;
}

export const textNode = (data: string): Text => document.createTextNode(data);

/** Sets the text; if it only grew, appends to it, so that a selection in it survives. */
export function writeText(node: Text, text: string): void {
  if (node.data === text) return;
  if (node.appendData && node.data !== "" && text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

/** Sets the text if it differs: writing equal text would still cost a layout. */
export function setText(element: Element, text: string): void {
  const node = element.firstChild;
  if (node instanceof Text && element.childNodes.length === 1) {
    writeText(node, text);
  } else if (text !== "" || node !== null) {
    element.replaceChildren(text);
  }
}

/** Sets the attribute, or removes it at null, if that changes anything. */
export function setAttribute(element: Element, name: AttributeName, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setHidden(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** The focused element in the document or shadow root that contains `element`; null: none, or not attached. */
export function focusedIn(element: Element): Element | null {
  const root = element.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
}

/** True if lines in `element` run from right to left. */
export const isRightToLeft = (element: Element): boolean => getComputedStyle(element).direction === "rtl";

/** A new SVG element; the attributes' values are numbers and constants of our own. */
export function shape(name: ShapeName, attributes: ShapeAttributes = {}, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS(SVG, name);
  setShape(element, attributes);
  element.append(...children);
  return element;
}

export function setShape(element: SVGElement, attributes: ShapeAttributes): void {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
}

/** An icon of 16 by 16; `path` is one of our own constants, never from a stream. */
export const icon = (path: string): SVGElement =>
  shape("svg", { viewBox: "0 0 16 16", class: "sw-icon", "aria-hidden": "true" }, shape("path", { d: path }));
