/**
 * MathML elements from the tree of the TeX parser: only names, attributes, styles and classes
 * from the lists below, and values of known shapes; any other element becomes a plain row of its children.
 *
 * The TeX comes from the stream, and the parser is third-party code: neither is trusted. So
 * there are no links, images, ids or titles here, no position outside its place, no address in a style.
 */

/** A node of the parser's tree; text where it has no children. */
export interface MathTree {
  readonly type?: string;
  readonly text?: string;
  readonly children?: readonly MathTree[];
  readonly attributes?: { readonly [name: string]: unknown };
  readonly style?: { readonly [name: string]: unknown };
  readonly classes?: readonly string[];
}

const MATHML = "http://www.w3.org/1998/Math/MathML";
/** Most nodes of one formula; more would be slow to lay out. */
const MOST_NODES = 10_000;
const MOST_DEPTH = 200;

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

const ELEMENTS = words(
  "math mrow mi mn mo mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup munder mover " +
    "munderover mmultiscripts mprescripts mtable mtr mtd",
);

const LENGTH = /^[+-]?(?:\d{1,2}|\d{0,2}\.\d{1,6})(?:em|ex|px|pt|mu|%)?$/;
const WIDTH = /^(?:[+-]?(?:\d{1,2}|\d{0,2}\.\d{1,6})(?:em|ex|px|pt|mu|%)?|100%|-1width|-0\.5width)$/;
const COLOUR = /^(?:#[\da-f]{3,8}|[a-z]{3,20})$/i;
const FLAG = /^(?:true|false)$/;
const LENGTHS = /^(?:[+-]?[\d.]{1,8}(?:em|ex|px|pt|%)? ?){1,4}$/;
const BORDER = /^[\d.]{1,8}(?:em|px) (?:solid|dashed|double) ?(?:#[\da-f]{3,8}|[a-z]{3,20})?$/i;
const ALIGNMENT = /^(?:left|right|center)$/;

const ATTRIBUTES: { readonly [name: string]: RegExp } = {
  accent: FLAG, accentunder: FLAG, depth: LENGTH, display: /^block$/, displaystyle: FLAG, fence: FLAG,
  form: /^(?:prefix|infix|postfix)$/, height: LENGTH, largeop: FLAG, linethickness: LENGTH, lspace: WIDTH,
  mathbackground: COLOUR, mathcolor: COLOUR, mathsize: LENGTH, mathvariant: /^(?:normal|monospace)$/,
  maxsize: LENGTH, minsize: LENGTH, movablelimits: FLAG, rowspacing: LENGTH, rspace: LENGTH, scriptlevel: /^[+-]?\d$/,
  separator: FLAG, stretchy: FLAG, symmetric: FLAG, voffset: LENGTH, width: WIDTH,
};
const STYLES: { readonly [name: string]: RegExp } = {
  "border": BORDER, "border-bottom": BORDER, "border-left": BORDER, "border-right": BORDER, "border-top": BORDER,
  "color": COLOUR, "display": /^block math$/, "font-style": /^italic$/, "font-weight": /^bold$/, "height": LENGTH,
  "math-depth": /^\d$/, "padding": LENGTHS, "padding-bottom": LENGTHS, "padding-left": LENGTHS,
  "padding-right": LENGTHS, "padding-top": LENGTHS, "text-align": ALIGNMENT, "width": WIDTH,
};
/** Their styles are in `style.css`, with the prefix `sw-`. */
const CLASSES = words(
  "tml-display tml-left tml-right tml-center tml-jot tml-small tml-prime tml-vec tml-overline tml-underline tml-cancel " +
    "tml-xcancel upstrike downstrike sout tml-fbox mathcal mathscr tml-tag tml-tageqn tml-eqn tml-sml-pad tml-med-pad " +
    "tml-lrg-pad chr-sml chr-med chr-lrg chr-sml-vec chr-med-vec chr-lrg-vec longdiv-top menclose",
);

/** The `<math>` element of a formula; null if it is invalid or too large. */
export function mathElement(tree: MathTree): Element | null {
  const budget = { nodes: MOST_NODES };
  const root = build(tree, budget, 0);
  return root instanceof Element && root.localName === "math" ? root : null;
}

function build(tree: MathTree, budget: { nodes: number }, depth: number): Node | null {
  budget.nodes -= 1;
  if (budget.nodes < 0 || depth > MOST_DEPTH) return null;
  if (!tree.children) return document.createTextNode(typeof tree.text === "string" ? tree.text : "");
  const element = document.createElementNS(MATHML, ELEMENTS.has(tree.type ?? "") ? tree.type! : "mrow");
  setAttributes(element, tree);
  for (const child of tree.children) {
    const node = build(child, budget, depth + 1);
    if (!node) return null;
    element.append(node);
  }
  return element;
}

function setAttributes(element: Element, { type, attributes = {}, style = {}, classes = [] }: MathTree): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (allowed(ATTRIBUTES, name, value)) element.setAttribute(name, String(value));
  }
  const { style: declarations } = element as MathMLElement;
  for (const [name, value] of Object.entries(style)) {
    const property = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (allowed(STYLES, property, value)) declarations.setProperty(property, String(value));
  }
  const names = classes.flatMap((list) => String(list).split(" ")).filter((name) => CLASSES.has(name));
  if (type === "menclose") names.push("menclose");
  if (names.length > 0) element.setAttribute("class", names.map((name) => `sw-${name}`).join(" "));
}

const allowed = (list: { readonly [name: string]: RegExp }, name: string, value: unknown): boolean =>
  Object.hasOwn(list, name) && list[name]!.test(String(value));
