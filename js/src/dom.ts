/**
 * The only place that creates elements. Names and attributes come from the two lists below, text
 * goes in as text nodes, and no string is ever parsed as markup.
 */

type ElementName =
  | "button"
  | "code"
  | "details"
  | "div"
  | "pre"
  | "span"
  | "style"
  | "summary";

type AttributeName =
  | `aria-${"busy" | "hidden" | "label" | "valuemax" | "valuemin" | "valuenow" | "valuetext"}`
  | `data-${"fault" | "kind" | "level" | "live" | "outcome" | "scrolls" | "state" | "stop" | "stuck"}`
  | "data-lm-suppress-shortcuts"
  | "aria-level"
  | "class"
  | "role"
  | "tabindex"
  | "title"
  | "type";

export type Attributes = { [name in AttributeName]?: string };

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

export const textNode = (data: string): Text => document.createTextNode(data);

/** Sets the text if it is another: an equal write would still cost a layout. */
export function setText(element: Element, text: string): void {
  const node = element.firstChild;
  if (node instanceof Text && element.childNodes.length === 1) {
    if (node.data !== text) node.data = text;
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

/** A drawn icon on a field of 16 by 16; `path` is one of our own constants, never from a stream. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "sw-icon");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/** Puts the style sheet into the page, once however many views there are. */
export function addStyle(css: string): void {
  const style = create("style");
  style.textContent = css;
  document.head.append(style);
}
