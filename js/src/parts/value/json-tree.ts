/** A JSON tree, drawn as it grows; folded nodes, and nodes beyond a bound, are built on demand. */

import { create, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { JsonReader } from "./json-reader.ts";
import type { JsonNode } from "./json-reader.ts";
import * as english from "../../words/english.ts";

/** Children of one node that are drawn at first; a button shows as many more. */
const CHILDREN_COUNT = 100;
/** Deeper containers are folded at first. */
const OPEN_DEPTH = 6;
const KEY_CHARS = 200;
/** A complete list of scalars up to this length is shown on one line. */
const INLINE_COUNT = 12;
const INLINE_CHARS = 64;

export class JsonTree {
  readonly element = create("div", { class: "sw-tree", role: "tree" });
  readonly #reader = new JsonReader();
  readonly #drawn = new Map<JsonNode, Branch>();

  get broken(): boolean {
    return this.#reader.broken;
  }

  feed(text: string): void {
    this.#reader.feed(text);
    this.#draw();
  }

  /** True if the text is one complete JSON value. */
  finish(): boolean {
    const whole = this.#reader.finish();
    this.#draw();
    return whole;
  }

  #draw(): void {
    const { root } = this.#reader;
    if (!root) return;
    if (!this.#drawn.has(root)) this.element.append(this.#branch(root, 0).element);
    for (const node of this.#reader.take()) this.#drawn.get(node)?.update();
  }

  #branch(node: JsonNode, depth: number): Branch {
    const branch = new Branch(node, depth, (child) => this.#branch(child, depth + 1));
    this.#drawn.set(node, branch);
    return branch;
  }
}

class Branch {
  readonly element: HTMLElement;
  readonly #node: JsonNode;
  readonly #make: (child: JsonNode) => Branch;
  readonly #value = create("span", { class: "sw-value" });
  readonly #head: HTMLElement;
  #list: HTMLElement | null = null;
  #more: HTMLElement | null = null;
  #built = 0;
  #allowed = CHILDREN_COUNT;
  #open: boolean;
  #settled = false;

  constructor(node: JsonNode, depth: number, make: (child: JsonNode) => Branch) {
    this.#node = node;
    this.#make = make;
    this.#open = depth < OPEN_DEPTH;
    const key = node.key === null ? [] : [create("span", { class: "sw-key" }, `${node.key.slice(0, KEY_CHARS)}: `)];
    this.#head = create("div", { class: "sw-leaf", role: "treeitem", tabindex: depth === 0 ? "0" : "-1" }, ...key, this.#value);
    setAttribute(this.#head, "aria-level", String(depth + 1));
    this.element = create("div", {}, this.#head);
    if (node.kind === "object" || node.kind === "array") this.#becomeContainer();
    this.#head.addEventListener("keydown", (event) => this.#key(event));
    this.update();
  }

  update(): void {
    const node = this.#node;
    setAttribute(this.#value, "data-type", node.kind);
    // The last scalar is provisional: it may grow.
    setAttribute(this.#value, "data-state", node.closed ? null : "open");
    setText(this.#value, this.#list ? this.#sizeWords() : scalarText(node));
    if (!this.#list) return;
    if (node.closed) this.#settle();
    if (this.#open) this.#build();
  }

  /** The container is complete: if it is empty or short, it needs only one line. */
  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    if (this.#node.children.length === 0) setAttribute(this.#head, "data-value", "none");
    if (inlineText(this.#node) !== null) this.#toggle(false);
  }

  #becomeContainer(): void {
    this.#list = create("div", { class: "sw-children", role: "group" });
    this.element.append(this.#list);
    this.#head.classList.add("sw-branch");
    this.#head.addEventListener("click", () => this.#toggle(!this.#open));
    this.#toggle(this.#open);
  }

  #sizeWords(): string {
    const { children, kind, closed } = this.#node;
    if (!closed) return kind === "array" ? "[" : "{";
    return inlineText(this.#node) ?? (children.length === 0 ? "{}" : (kind === "array" ? english.items : english.fields)(children.length));
  }

  #toggle(open: boolean): void {
    this.#open = open;
    setAttribute(this.#head, "aria-expanded", String(open));
    setHidden(this.#list!, !open);
    if (open) this.#build();
  }

  #build(): void {
    const { children } = this.#node;
    const end = Math.min(children.length, this.#allowed);
    for (; this.#built < end; this.#built += 1) {
      const branch = this.#make(children[this.#built]!);
      if (this.#more) this.#more.before(branch.element);
      else this.#list!.append(branch.element);
    }
    this.#drawMore(children.length - this.#built);
  }

  #drawMore(rest: number): void {
    if (rest === 0) {
      this.#more?.remove();
      this.#more = null;
      return;
    }
    if (!this.#more) {
      this.#more = create("button", { class: "sw-plain", type: "button" });
      this.#more.addEventListener("click", () => {
        this.#allowed = this.#built + CHILDREN_COUNT;
        this.#build();
      });
      this.#list!.append(this.#more);
    }
    setText(this.#more, english.showMore(Math.min(rest, CHILDREN_COUNT)));
  }

  /** Right opens, left folds, up and down move to the next visible node. */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.#head) return;
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) moveFocus(this.#head, by);
    else if (this.#list && event.key === "ArrowRight") this.#toggle(true);
    else if (this.#list && event.key === "ArrowLeft") this.#toggle(false);
    else if (this.#list && (event.key === "Enter" || event.key === " ")) this.#toggle(!this.#open);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function moveFocus(from: HTMLElement, by: number): void {
  const seen = [...from.closest(".sw-tree")!.querySelectorAll<HTMLElement>(".sw-leaf")].filter((leaf) => leaf.checkVisibility());
  const to = seen[seen.indexOf(from) + by];
  if (!to) return;
  setAttribute(from, "tabindex", "-1");
  setAttribute(to, "tabindex", "0");
  to.focus();
}

/** A short list of scalars on one line; null if it is not that. */
function inlineText({ kind, children }: JsonNode): string | null {
  if (kind !== "array" || children.length > INLINE_COUNT || children.some((child) => child.kind === "object" || child.kind === "array")) return null;
  const text = `[${children.map(scalarText).join(", ")}]`;
  return text.length <= INLINE_CHARS ? text : null;
}

function scalarText({ kind, text, chars, closed }: JsonNode): string {
  const shown = chars > text.length ? english.cutText(text, chars) : text;
  return kind === "string" ? `“${shown}${closed ? "”" : ""}` : shown;
}
