/**
 * Code blocks: boxes of 50 lines, so that a line that is added costs one box its layout. A box that
 * is full is coloured when there is time; a block that is over and not too long once more as a
 * whole, because what a line means can depend on those before its box.
 */

import { create, setText } from "../../dom.ts";
import { label } from "../../safety.ts";
import type { Block } from "../block.ts";
import type { Token } from "../plugins.ts";
import type { Drawing, View } from "./drawing.ts";

const BOX_LINES = 50;
/** Boxes in one group: the browser looks at each box of a level in every frame. */
const GROUP_BOXES = 16;
/** More lines are shown when they are complete: one that grows without end would cost its length each time. */
const LINE_CHARS = 4000;
/** Longer blocks are coloured box by box only; one call must fit between two frames. */
const WHOLE_CHARS = 12_000;
const LANGUAGE_CHARS = 40;

export class CodeView implements View {
  readonly element: HTMLElement;
  readonly key: string;
  readonly #code = create("code");
  readonly #language: string;
  readonly #drawing: Drawing;
  readonly #boxes: HTMLElement[] = [];
  /** Boxes whose lines are complete. */
  #full_count = 0;
  #drawn_lines = 0;

  constructor(key: string, language: string, drawing: Drawing) {
    this.key = key;
    this.#language = language;
    this.#drawing = drawing;
    const name = create("span", { class: "sw-language" }, label(language, LANGUAGE_CHARS));
    const copy = create("button", { type: "button", class: "sw-copycode", "aria-label": "Copy the code" }, "Copy");
    copy.addEventListener("click", () => copyText(copy, this.#code.textContent ?? ""));
    const pre = create("pre", { tabindex: "0" }, this.#code);
    const head = create("div", { class: "sw-codehead" }, name, copy);
    this.element = create("div", { class: "sw-code" }, head, pre);
    if (language !== "") drawing.plugins.onCodeSeen?.();
  }

  draw(block: Block): void {
    const lines_count = this.#shownLines(block);
    const boxes_count = Math.ceil(lines_count / BOX_LINES);
    while (this.#boxes.length > boxes_count) this.#dropBox();
    const complete_count = block.final ? lines_count : lines_count - 1;
    for (let at = this.#full_count; at < boxes_count; at += 1) this.#drawBox(at, block.lines, lines_count);
    while ((this.#full_count + 1) * BOX_LINES <= complete_count) this.#colourBox(this.#full_count++);
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

  #colourBox(at: number): void {
    const { plugins, idle } = this.#drawing;
    const box = this.#boxes[at]!;
    if (plugins.tokenize && this.#language !== "") idle.add(() => this.#colour([box]));
  }

  #finish(boxes_count: number): void {
    const { plugins, idle } = this.#drawing;
    if (!plugins.tokenize || this.#language === "") return;
    const length = this.#boxes.reduce((total, box) => total + (box.textContent?.length ?? 0), 0);
    if (length <= WHOLE_CHARS) idle.add(() => this.#colour(this.#boxes));
    else if (this.#full_count < boxes_count) idle.add(() => this.#colour(this.#boxes.slice(this.#full_count)));
  }

  #colour(boxes: readonly HTMLElement[]): void {
    const code = boxes.map((box) => box.textContent ?? "").join("");
    const { plugins, late } = this.#drawing;
    const tokens = plugins.tokenize?.(this.#language, code);
    if (!tokens) late.add(() => this.#colour(boxes));
    if (!tokens || tokens.map(([text]) => text).join("") !== code) return;
    const pieces = split(tokens);
    for (const box of boxes) box.replaceChildren(...pieces.take(box.textContent?.length ?? 0));
  }
}

/** Gives the tokens piece by piece, by numbers of characters; one that reaches further is cut. */
function split(tokens: readonly Token[]): { take(chars: number): Node[] } {
  let at = 0;
  let used = 0;
  return {
    take(chars) {
      const nodes: Node[] = [];
      for (let left = chars; left > 0 && at < tokens.length; ) {
        const [text, className] = tokens[at]!;
        const piece = text.slice(used, used + left);
        nodes.push(className === null ? document.createTextNode(piece) : create("span", { class: className }, piece));
        left -= piece.length;
        used += piece.length;
        if (used >= text.length) {
          at += 1;
          used = 0;
        }
      }
      return nodes;
    },
  };
}

/** How long the button says what became of it. */
const SAID_MS = 2000;

function copyText(button: HTMLElement, text: string): void {
  const say = (word: string): void => {
    setText(button, word);
    setTimeout(() => setText(button, "Copy"), SAID_MS);
  };
  const clipboard = navigator.clipboard as Clipboard | undefined; // absent on pages that are not secure
  if (!clipboard) return say("Not allowed");
  clipboard.writeText(text).then(
    () => say("Copied"),
    () => say("Not allowed"),
  );
}
