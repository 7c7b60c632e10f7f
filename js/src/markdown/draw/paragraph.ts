/** Paragraphs and headings. */

import { checkbox, create } from "../../base/dom.ts";
import type { Block } from "../parse/block.ts";
import { hiddenStart_chars } from "../parse/unfinished.ts";
import { growthOf } from "./drawing.ts";
import type { Drawing, View } from "./drawing.ts";
import { Leaf } from "./leaf.ts";

const TASK = /^\[([ \txX])\](?=\s+\S)/;

export class ParagraphView implements View {
  readonly element = create("p", { dir: "auto" });
  readonly key = "paragraph";
  readonly #drawing: Drawing;
  readonly #leaf: Leaf;
  #task: string | null = null;

  constructor(drawing: Drawing) {
    this.#drawing = drawing;
    this.#leaf = new Leaf(this.element, drawing);
  }

  draw(block: Block): void {
    const growth = growthOf(block, this.#drawing);
    let text = block.lines.join("\n").trimEnd();
    if (growth.open && text.startsWith("[")) text = text.slice(hiddenStart_chars(text));
    const task = isFirstOfItem(block) ? TASK.exec(text) : null;
    this.#showTask(task?.[1]?.trim().toLowerCase() ?? null);
    this.#leaf.draw(task ? text.slice(3) : text, growth);
  }

  #showTask(mark: string | null): void {
    if (mark === this.#task) return;
    this.#task = mark;
    this.#leaf.setLead(mark === null ? null : checkbox(mark === "x"));
    this.element.classList.toggle("sw-task", mark !== null);
    this.element.parentElement?.classList.toggle("sw-todo", mark !== null);
  }
}

const isFirstOfItem = (block: Block): boolean =>
  block.parent?.kind === "item" && block.parent.children[0] === block;

/** Also the summary of a `details`. */
type HeadingName = `h${1 | 2 | 3 | 4 | 5 | 6}` | "summary";

export class HeadingView implements View {
  readonly element: HTMLElement;
  readonly key: string;
  readonly #drawing: Drawing;
  readonly #leaf: Leaf;

  constructor(name: HeadingName, drawing: Drawing) {
    this.element = create(name, { dir: "auto" });
    this.key = name;
    this.#drawing = drawing;
    this.#leaf = new Leaf(this.element, drawing);
  }

  draw(block: Block): void {
    this.#leaf.draw(block.lines.join("\n").trim(), growthOf(block, this.#drawing));
  }
}
