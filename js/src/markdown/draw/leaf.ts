/** The text of one leaf as inline content of an element: the settled part stays, the rest is redrawn. */

import { create, textNode } from "../../base/dom.ts";
import { parseInline } from "../parse/inline-parser.ts";
import type { Growth, Scope, Settled } from "../parse/inline-parser.ts";
import type { Drawing } from "./drawing.ts";
import { cutAfter, patch } from "./inline-dom.ts";

/** A longer paragraph is divided into boxes, so that its layout costs only the new text. */
const RUN_CHARS = 4000;
/** A longer unsettled rest is not redrawn each time. */
const REDRAW_CHARS = 4000;
/** It is redrawn when it has grown by this share. */
const REDRAW_PART = 16;

export class Leaf {
  readonly #element: HTMLElement;
  readonly #drawing: Drawing;
  readonly #scope: Scope;
  /** Content before the text that is not part of it. */
  #lead: ChildNode | null = null;
  /** Settled text: drawn, and never checked again. */
  #prefix = "";
  /** Length of the text when that was found. */
  #settledWith_chars = 0;
  /** The end of the settled text, and the last child that is settled. */
  #host: HTMLElement;
  #done: ChildNode | null = null;
  #runStart = 0;
  /** Length of the text at the last parse, and of the shown text. */
  #parsed_chars = 0;
  #shown_chars = 0;
  #text = "";
  #growth: Growth | null = null;
  /** Labels were not found, so the text is kept. */
  #missing = false;

  constructor(element: HTMLElement, drawing: Drawing) {
    this.#element = this.#host = element;
    this.#drawing = drawing;
    this.#scope = {
      reference: (label) => drawing.references.get(label) ?? this.#miss(label),
      note: (label) => drawing.notes?.has(label) || this.#miss(`^${label}`) !== undefined,
    };
  }

  /** Puts `lead` before the text. */
  setLead(lead: ChildNode | null): void {
    if (this.#lead === lead) return;
    this.#lead?.remove();
    this.#lead = lead;
    if (lead) this.#element.prepend(lead);
    this.#forget();
  }

  draw(text: string, growth: Growth): void {
    const before = this.#growth;
    if (before && text === this.#text && growth.open === before.open && growth.edge === before.edge) return;
    this.#text = text;
    this.#growth = growth;
    if (growth.open && this.#isTooMuch(text)) this.#addRaw(text);
    else this.#redraw();
    if (!growth.open && !this.#missing) this.#text = "";
  }

  #miss(label: string): undefined {
    this.#missing = true;
    this.#drawing.references.wait(label, this.#redo);
    return undefined;
  }

  /** A label that was missing was defined. */
  readonly #redo = (): void => {
    this.#forget();
    this.#redraw();
  };

  #redraw(): void {
    if (!this.#growth) return;
    const from = this.#settledChars();
    const { root, settled } = parseInline(this.#text, this.#scope, this.#growth, from);
    let node = root.first;
    for (const place of settled) {
      this.#done = patch(this.#host, this.#done, node, place.last, this.#drawing);
      node = place.last.next;
      if (place.at - this.#runStart > RUN_CHARS) this.#startRun(place);
    }
    const end = patch(this.#host, this.#done, node, null, this.#drawing);
    cutAfter(this.#host, end);
    const last = settled[settled.length - 1];
    if (last) {
      this.#prefix = this.#text.slice(0, last.at);
      this.#settledWith_chars = this.#text.length;
    }
    this.#parsed_chars = this.#shown_chars = this.#text.length;
  }

  /** Length of the settled start; 0, and everything is redrawn, if the text now starts differently. */
  #settledChars(): number {
    const { length } = this.#prefix;
    // Equality is a comparison of memory; `startsWith` goes from one character to the next.
    const known = this.#text.length >= this.#settledWith_chars; // else a line was taken away: a table's head
    if (known && this.#text.slice(0, length) === this.#prefix) return length;
    this.#forget();
    return 0;
  }

  #startRun({ at }: Settled): void {
    cutAfter(this.#host, this.#done);
    this.#host = create("span", { class: "sw-run" });
    this.#element.append(this.#host);
    this.#done = null;
    this.#runStart = at;
  }

  /** Redraws everything the next time, reusing existing nodes. */
  #forget(): void {
    if (this.#host !== this.#element) cutAfter(this.#element, this.#lead);
    this.#host = this.#element;
    this.#done = this.#lead;
    this.#prefix = "";
    this.#settledWith_chars = 0;
    this.#runStart = 0;
    this.#parsed_chars = 0;
  }

  #isTooMuch(text: string): boolean {
    const rest = text.length - this.#prefix.length;
    const fresh = text.length - this.#parsed_chars;
    return rest > REDRAW_CHARS && this.#parsed_chars > 0 && text.length >= this.#shown_chars && fresh < rest / REDRAW_PART;
  }

  /** Appends the new text unparsed, until there is more of it. */
  #addRaw(text: string): void {
    this.#host.append(textNode(text.slice(this.#shown_chars)));
    this.#shown_chars = text.length;
  }
}
