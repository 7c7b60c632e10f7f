/**
 * Footnotes: the references in the text, and the list of notes at its end. Numbers follow the order
 * of the first references, as on GitHub; they are updated in idle time after a
 * change that can affect them.
 */

import { create, setAttribute, setText } from "../../base/dom.ts";
import type { Block } from "../parse/block.ts";
import type { Idle } from "../../base/idle.ts";
import type { References } from "../parse/references.ts";
import { Children } from "./children.ts";
import type { Drawing, NoteList, View } from "./drawing.ts";
import * as english from "../../words/english.ts";

const REFERENCE = "sw-noteref";
/** References that are checked: in growing text they may turn into something else. */
const WATCHED_COUNT = 100;

export class Notes implements NoteList {
  readonly #root: HTMLElement;
  readonly #references: References;
  readonly #idle: Idle;
  readonly #items = new Map<string, HTMLElement>();
  /** The first line of each note. */
  readonly #lines = new Map<string, number>();
  /** The label of each reference element. */
  readonly #labels = new WeakMap<Element, string>();
  /** The last references that were made. */
  #watched: Element[] = [];
  /** The first reference of each label. */
  #first: ReadonlyMap<string, Element> = new Map();
  #section: HTMLElement | null = null;
  readonly #list = create("ol");

  constructor(root: HTMLElement, references: References, idle: Idle) {
    this.#root = root;
    this.#references = references;
    this.#idle = idle;
  }

  has(label: string): boolean {
    return this.#items.has(label);
  }

  /** Sets the note of `label`; the one with the first line wins, which is not always drawn first. */
  define(label: string, item: HTMLElement, line: number): void {
    if ((this.#lines.get(label) ?? Infinity) <= line) return;
    this.#items.set(label, item);
    this.#lines.set(label, line);
    const waiting = this.#references.define(`^${label}`, { destination: "", title: "" });
    for (const draw of waiting) this.#idle.add(draw);
    this.#idle.add(this.#number);
  }

  /** Adds a reference to a defined note. */
  refer(label: string): HTMLElement {
    const button = create("button", { type: "button" }, "•");
    const reference = create("sup", { class: REFERENCE }, button);
    button.addEventListener("click", () => show(this.#items.get(label)));
    this.#labels.set(reference, label);
    this.#watched.push(reference);
    if (this.#watched.length > WATCHED_COUNT) this.#watched.shift();
    this.#idle.add(this.#number);
    return reference;
  }

  /** Checks for removed references after a change. */
  check(): void {
    const left = this.#watched.filter((reference) => this.#root.contains(reference));
    if (left.length < this.#watched.length) this.#idle.add(this.#number);
    this.#watched = left;
  }

  /** Moves to the first reference to a note. */
  showReference(label: string): void {
    show(this.#first.get(label));
  }

  /** Notes can refer to notes, whose references are in the page only after they are arranged. */
  readonly #number = (): void => {
    for (let seen_count = -1, turn = 0; turn < this.#items.size + 2; turn += 1) {
      const references = [...this.#root.getElementsByClassName(REFERENCE)];
      if (references.length === seen_count) return;
      seen_count = references.length;
      this.#arrange(this.#numbered(references));
    }
  };

  /** Sets the numbers; returns the first reference of each label, in order. */
  #numbered(references: readonly Element[]): Map<string, Element> {
    const order = new Map<string, Element>();
    const numbers = new Map<string, number>();
    for (const reference of references) {
      const label = this.#labels.get(reference);
      if (label === undefined) continue;
      if (!order.has(label)) {
        order.set(label, reference);
        numbers.set(label, numbers.size + 1);
      }
      const button = reference.firstElementChild!;
      setText(button, String(numbers.get(label)));
      setAttribute(button, "aria-label", english.footnote(numbers.get(label)!));
    }
    return order;
  }

  /** Puts the referenced notes into the list, in order. */
  #arrange(order: ReadonlyMap<string, Element>): void {
    this.#first = order;
    if (order.size === 0) {
      this.#section?.remove();
      return;
    }
    this.#section ??= create("section", { class: "sw-notes", "aria-label": english.FOOTNOTES }, this.#list);
    if (this.#section !== this.#root.lastElementChild) this.#root.append(this.#section);
    let at = this.#list.firstElementChild;
    for (const label of order.keys()) {
      const item = this.#items.get(label)!;
      if (item === at) at = at.nextElementSibling;
      else this.#list.insertBefore(item, at);
    }
    while (at) {
      const next = at.nextElementSibling;
      at.remove();
      at = next;
    }
  }
}

/** A footnote: drawn in the list of notes, not in its place. */
export class NoteView implements View {
  readonly element = null;
  readonly key: string;
  readonly #drawing: Drawing;
  readonly #children: Children;
  readonly #item = create("li", { dir: "auto" });
  readonly #back = create("button", { type: "button", class: "sw-back", "aria-label": english.BACK_TO_REFERENCE }, "↩");
  #label = "";
  #defined = false;

  constructor(key: string, drawing: Drawing) {
    this.key = key;
    this.#drawing = drawing;
    this.#children = new Children(this.#item, drawing);
    this.#back.addEventListener("click", () => drawing.notes?.showReference(this.#label));
  }

  draw(block: Block): void {
    this.#label = block.label;
    this.#children.draw(block);
    if (this.#item.lastChild !== this.#back) this.#item.append(this.#back);
    // A growing label is not a label yet, so a note counts from its first complete line.
    if (this.#defined || block.end === this.#drawing.edgeLine) return;
    this.#defined = true;
    const { root, references, idle } = this.#drawing;
    this.#drawing.notes ??= new Notes(root, references, idle);
    this.#drawing.notes.define(block.label, this.#item, block.end);
  }
}

function show(element: Element | undefined): void {
  if (!(element instanceof HTMLElement)) return;
  element.tabIndex = -1;
  element.scrollIntoView({ block: "nearest" });
  element.focus({ preventScroll: true });
}
