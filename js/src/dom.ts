/**
 * The only place that creates elements. Names and attributes come from the two lists below, text
 * goes in as text nodes, and no string is ever parsed as markup.
 */

type ElementName =
  | "a"
  | "button"
  | "code"
  | "col"
  | "colgroup"
  | "details"
  | "div"
  | "iframe"
  | "img"
  | "input"
  | "label"
  | "li"
  | "ol"
  | "option"
  | "pre"
  | "select"
  | "span"
  | "style"
  | "summary"
  | "table"
  | "tbody"
  | "td"
  | "th"
  | "thead"
  | "tr"
  | "ul";

type AttributeName =
  | `aria-${"busy" | "checked" | "colcount" | "current" | "disabled" | "expanded" | "haspopup" | "hidden" | "label"}`
  | `aria-${"level" | "pressed" | "rowcount" | "rowindex" | "selected" | "sort" | "valuemax" | "valuemin"}`
  | `aria-${"valuenow" | "valuetext"}`
  | `data-${"align" | "density" | "fault" | "kind" | "level" | "live" | "more" | "new" | "outcome" | "scrolls"}`
  | `data-${"series" | "stalled" | "state" | "stop" | "stalled" | "stuck" | "type" | "value"}`
  | "alt"
  | "class"
  | "colspan"
  | "data-lm-suppress-shortcuts"
  | "disabled"
  | "hidden"
  | "href"
  | "placeholder"
  | "referrerpolicy"
  | "rel"
  | "role"
  | "sandbox"
  | "scope"
  | "src"
  | "srcdoc"
  | "start"
  | "tabindex"
  | "target"
  | "title"
  | "type";

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

/** A drawn icon on a field of 16 by 16; `path` is one of our own constants, never from a stream. */
export const icon = (path: string): SVGElement =>
  shape("svg", { viewBox: "0 0 16 16", class: "sw-icon", "aria-hidden": "true" }, shape("path", { d: path }));

/** Puts the style sheet into the page, once however many views there are. */
export function addStyle(css: string): void {
  const style = create("style");
  style.textContent = css;
  document.head.append(style);
}
