/**
 * Streaming Markdown: text in, piece by piece, elements out. The final result does not
 * depend on how the text was cut, and the cost of a piece does not depend on the text before it.
 */

import type { Images, Policy } from "../base/pictures.ts";
import { address } from "../base/safety.ts";
import type { Block } from "./parse/block.ts";
import { isHeldBack } from "./parse/unfinished.ts";
import { Idle } from "../base/idle.ts";
import { BlockParser } from "./parse/block-parser.ts";
import type { Plugins } from "./draw/drawing.ts";
import { References } from "./parse/references.ts";
import { makeView, RootView } from "./draw/block-views.ts";
import type { Drawing } from "./draw/drawing.ts";

/** A longer unfinished paragraph is redrawn when it has grown by a share, or after a short time: each time costs its length. */
const LONG_CHARS = 20_000;
const LONG_PART = 64;
const LONG_MS = 100;

export interface Options {
  /** Which images load; none by default. */
  readonly images?: Images;
  readonly plugins?: Plugins;
  /** Which addresses are allowed; by default those that `safety` allows. */
  readonly policy?: Policy;
}

export class MarkdownEngine {
  readonly #root: HTMLElement;
  readonly #parser: BlockParser;
  readonly #view: RootView;
  readonly #drawing: Drawing;
  readonly #idle = new Idle();
  /** The last line so far. */
  #pending = "";
  /** The text so far ends with a carriage return: a line feed that follows belongs to it. */
  #afterReturn = false;
  #finished = false;
  /** The block of the last complete line; for a paragraph, the length of its complete lines. */
  #tip: Block | null = null;
  #read_chars = 0;
  /** Length of the paragraph when it was last shown; later text is shown when the timer ends, at the latest. */
  #drawn_chars = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #noMore: (() => void) | undefined;

  constructor(root: HTMLElement, options: Options = {}) {
    const references = new References();
    this.#root = root;
    this.#drawing = {
      root,
      policy: options.policy ?? { address },
      images: options.images ?? "none",
      plugins: options.plugins ?? {},
      references,
      notes: null,
      makeView,
      idle: this.#idle,
      late: new Set(),
      edgeLine: 0,
    };
    this.#parser = new BlockParser((definition) => {
      for (const draw of references.define(definition.label, definition)) this.#idle.add(draw);
    });
    this.#view = new RootView(root, this.#drawing);
    this.#noMore = options.plugins?.whenMore?.(() => this.#catchUp());
  }

  feed(text: string): void {
    if (text === "" || this.#finished) return;
    this.#parser.undo();
    this.#readLines(text.includes("\0") ? text.replaceAll("\0", "\ufffd") : text);
    const chars = this.#paragraph_chars;
    if (chars <= LONG_CHARS || chars - this.#drawn_chars >= chars / LONG_PART || !this.#timer) this.#draw();
  }

  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#parser.undo();
    if (this.#pending !== "") this.#read(this.#pending);
    this.#parser.finish();
    this.#drawing.edgeLine = 0;
    this.#view.draw(this.#parser.root);
  }

  /** Runs at once the work that is otherwise done between frames: late definitions, colours, note numbers. */
  settle(): void {
    this.#idle.settle();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#noMore?.();
    this.#idle.clear();
    this.#root.replaceChildren();
  }

  /** Shows all text so far, including the unfinished line. */
  #draw(): void {
    this.#drawing.edgeLine = 0;
    if (this.#pending !== "" && !isHeldBack(this.#pending, this.#parser.tip)) {
      this.#parser.attempt(this.#pending);
      this.#drawing.edgeLine = this.#parser.line;
    }
    this.#view.draw(this.#parser.root);
    this.#drawn_chars = this.#paragraph_chars;
    if (this.#drawn_chars > LONG_CHARS) this.#timer ??= setTimeout(() => this.#drawWaiting(), LONG_MS);
  }

  #drawWaiting(): void {
    this.#timer = undefined;
    if (this.#paragraph_chars > this.#drawn_chars) this.#draw();
  }

  get #paragraph_chars(): number {
    return this.#read_chars + this.#pending.length;
  }

  /** A plugin was loaded: content drawn without it is redrawn in idle time. */
  #catchUp(): void {
    const { late } = this.#drawing;
    for (const job of late) this.#idle.add(job);
    late.clear();
  }

  #readLines(text: string): void {
    let from = this.#afterReturn && text.startsWith("\n") ? 1 : 0;
    const ends = text.includes("\r") ? /\r\n?|\n/g : /\n/g;
    ends.lastIndex = from;
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      this.#read(this.#pending + text.slice(from, end.index));
      from = ends.lastIndex;
    }
    this.#pending += text.slice(from);
    this.#afterReturn = text.endsWith("\r");
  }

  #read(line: string): void {
    this.#parser.read(line);
    this.#pending = "";
    const { tip } = this.#parser;
    if (tip !== this.#tip) this.#read_chars = this.#drawn_chars = 0;
    if (tip.kind === "paragraph") this.#read_chars += line.length;
    this.#tip = tip;
  }
}
