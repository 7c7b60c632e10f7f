/**
 * Code blocks: boxes of 50 lines, so that a new line costs the layout of one box. A box that
 * is full is highlighted in idle time, from the state at the end of the previous box.
 */

import { create, setText } from "../../base/dom.ts";
import { label } from "../../base/safety.ts";
import type { Block } from "../parse/block.ts";
import type { Drawing, Highlighter, View } from "./drawing.ts";
import * as english from "../../words/english.ts";

const BOX_LINES = 50;
/** Boxes in one group: the browser visits each box of a level in every frame. */
const GROUP_BOXES = 16;
/** A longer line is shown when it is complete: drawing it as it grows would cost its length each time. */
const LINE_CHARS = 4000;
const LANGUAGE_CHARS = 40;

export class CodeView implements View {
  readonly element: HTMLElement;
  readonly key: string;
  readonly #code = create("code");
  readonly #language: string;
  readonly #drawing: Drawing;
  readonly #boxes: HTMLElement[] = [];
  /** Undefined until the first box can be highlighted; null for an unknown language. */
  #highlight: Highlighter | null | undefined = undefined;
  /** Complete boxes without their colours, oldest first. */
  readonly #uncoloured: HTMLElement[] = [];
  /** Boxes whose lines are complete. */
  #full_count = 0;
  #drawn_lines = 0;

  constructor(key: string, language: string, drawing: Drawing) {
    this.key = key;
    this.#language = language;
    this.#drawing = drawing;
    const name = create("span", { class: "sw-language" }, label(language, LANGUAGE_CHARS));
    const copy = create("button", { type: "button", class: "sw-copycode", "aria-label": english.COPY_CODE }, english.COPY);
    copy.addEventListener("click", () => copyText(copy, this.#code.textContent ?? ""));
    const pre = create("pre", { tabindex: "0" }, this.#code);
    const head = create("div", { class: "sw-codehead" }, name, copy);
    this.element = create("div", { class: "sw-code" }, head, pre);
  }

  draw(block: Block): void {
    const lines_count = this.#shownLines(block);
    const boxes_count = Math.ceil(lines_count / BOX_LINES);
    while (this.#boxes.length > boxes_count) this.#dropBox();
    const complete_count = block.final ? lines_count : lines_count - 1;
    for (let at = this.#full_count; at < boxes_count; at += 1) this.#drawBox(at, block.lines, lines_count);
    while ((this.#full_count + 1) * BOX_LINES <= complete_count) this.#colourLater(this.#full_count++);
    this.#drawn_lines = lines_count;
    if (block.final) this.#finish(boxes_count);
  }

  /** Blank lines at the end of indented code are not part of it, unless more code follows. */
  #shownLines({ lines, fence, open }: Block): number {
    let count = lines.length;
    if (!fence) while (count > 0 && lines[count - 1]!.trim() === "") count -= 1;
    const growing = open && count > 0 && lines[count - 1]!.length > LINE_CHARS;
    return growing ? Math.max(count - 1, Math.min(this.#drawn_lines, count)) : count;
  }

  #drawBox(at: number, lines: readonly string[], lines_count: number): void {
    const text = lines.slice(at * BOX_LINES, Math.min((at + 1) * BOX_LINES, lines_count)).join("\n");
    setText(this.#boxes[at] ?? this.#addBox(), `${text}\n`);
  }

  #addBox(): HTMLElement {
    const box = create("div", { class: "sw-lines" });
    let group = this.#boxes.at(-1)?.parentElement;
    if (!group || group.childElementCount === GROUP_BOXES) {
      group = create("div", { class: "sw-lines" });
      this.#code.append(group);
    }
    group.append(box);
    this.#boxes.push(box);
    return box;
  }

  #dropBox(): void {
    const box = this.#boxes.pop()!;
    const group = box.parentElement!;
    (group.childElementCount > 1 ? box : group).remove();
  }

  #finish(boxes_count: number): void {
    if (this.#full_count < boxes_count) this.#colourLater(this.#full_count++);
  }

  #colourLater(at: number): void {
    if (this.#language === "" || !this.#drawing.plugins.highlighter) return;
    this.#uncoloured.push(this.#boxes[at]!);
    this.#drawing.idle.add(() => this.#colourNext());
  }

  /** Each job highlights the box that has waited longest, so that boxes keep their order. */
  #colourNext(): void {
    if (this.#highlight === undefined) this.#highlight = this.#drawing.plugins.highlighter?.(this.#language);
    if (this.#highlight === undefined) this.#drawing.late.add(() => this.#colourNext());
    else this.#colour(this.#uncoloured.shift()!);
  }

  #colour(box: HTMLElement): void {
    const code = box.textContent ?? "";
    const tokens = this.#highlight?.(code);
    if (!tokens || tokens.map(([text]) => text).join("") !== code) return;
    const nodes = tokens.map(([text, className]) => (className === null ? document.createTextNode(text) : create("span", { class: className }, text)));
    box.replaceChildren(...nodes);
  }
}

/** How long the button shows the result of its action. */
const SAID_MS = 2000;

function copyText(button: HTMLElement, text: string): void {
  const say = (word: string): void => {
    setText(button, word);
    setTimeout(() => setText(button, english.COPY), SAID_MS);
  };
  const clipboard = navigator.clipboard as Clipboard | undefined; // missing on insecure pages
  if (!clipboard) return say(english.COPY_FAILED);
  clipboard.writeText(text).then(
    () => say(english.COPIED),
    () => say(english.COPY_FAILED),
  );
}
