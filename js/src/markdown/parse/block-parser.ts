/**
 * The block phase: complete lines in, the block tree changed in place. A line that is not complete
 * yet can be tried and undone. Must not know the DOM or the inline content of leaves, except
 * that link definitions are extracted from the start of paragraphs.
 *
 * The work for one line depends on its nesting, never on the text before it.
 */

import { Block, endOf, isContainer, restore, save } from "./block.ts";
import type { Kind, Saved } from "./block.ts";
import { Cursor } from "./line-cursor.ts";
import { scanDefinition } from "./references.ts";
import type { Definition } from "./references.ts";
import { endDetails, startBlock, takeQuoteMark } from "./block-starts.ts";

/** Most open blocks around a line; a deeper marker is text. */
const DEPTH = 100;
/** Failed attempts to read a definition, after which a paragraph is checked again only at its end. */
const ATTEMPTS_COUNT = 8;

/** The end tag of a `details` after the last words in it. */
const DETAILS_TAIL = /[ \t]*<\/details>[ \t]*$/i;

/** Whether an open block continues in this line, or consumed it. */
type Matched = "yes" | "no" | "taken";

export class BlockParser {
  readonly cursor = new Cursor();
  readonly root = new Block("document", null, 0);
  /** The deepest open block. */
  tip: Block = this.root;
  /** The number of the line being read. */
  line = 0;
  readonly #define: (definition: Definition) => void;
  /** The deepest block that continues in this line; all open blocks below it are about to close. */
  #matched: Block = this.root;
  #tentative = false;
  #saved: Saved[] = [];
  #depth = 0;

  constructor(define: (definition: Definition) => void) {
    this.#define = define;
  }

  /** Reads one complete line, given without its end and without NUL characters. */
  read(text: string): void {
    this.line += 1;
    this.cursor.start(text);
    const container = this.#match();
    if (!container) return;
    this.#matched = container;
    this.#place(this.#open(container));
  }

  /** Reads a line that may grow, so that `undo` can restore the previous state. */
  attempt(text: string): void {
    this.#saved = this.path().map(save);
    this.#tentative = true;
    this.read(text);
  }

  undo(): void {
    if (!this.#tentative) return;
    this.#tentative = false;
    this.line -= 1;
    for (const saved of this.#saved) restore(saved);
    this.tip = this.#saved[this.#saved.length - 1]!.block;
    this.#depth = this.#saved.length - 1;
  }

  /** Closes all blocks: there are no more lines. */
  finish(): void {
    while (this.tip !== this.root) this.#close(this.tip);
    this.root.open = false;
    this.root.final = true;
  }

  /** The open blocks, from the root to the tip. */
  path(): Block[] {
    const path: Block[] = [];
    for (let block: Block | null = this.tip; block; block = block.parent) path.push(block);
    return path.reverse();
  }

  get mayNest(): boolean {
    return this.#depth < DEPTH;
  }

  /** A new block at the end of the deepest open block that can hold it. */
  add(kind: Kind): Block {
    this.closeUnmatched();
    while (!canHold(this.tip.kind, kind)) this.#close(this.tip);
    const parent = this.tip;
    this.#loosen(parent);
    const block = new Block(kind, parent, this.line);
    parent.children.push(block);
    this.tip = block;
    this.#matched = block;
    this.#depth += 1;
    return block;
  }

  closeTip(): void {
    this.#close(this.tip);
  }

  closeUnmatched(): void {
    while (this.tip !== this.#matched) this.#close(this.tip);
  }

  /** Extracts the definitions from the start of a paragraph, at its end. */
  takeDefinitions(block: Block): void {
    if (block.lines[0]?.startsWith("[")) this.#take(block, Infinity);
  }

  /** Descends the open blocks as far as the line continues them; null if one consumed it. */
  #match(): Block | null {
    let container = this.root;
    for (let next = container.last; next?.open; next = next.last) {
      this.cursor.look();
      const matched = this.#goesOn(next);
      if (matched === "taken") return null;
      if (matched === "no") break;
      container = next;
    }
    return container;
  }

  #goesOn(block: Block): Matched {
    const { cursor } = this;
    switch (block.kind) {
      case "quote":
        if (cursor.indented || cursor.first !== ">") return "no";
        takeQuoteMark(this);
        block.end = this.line;
        return "yes";
      case "item":
      case "note":
        return this.#goesOnIndented(block);
      case "code":
        return block.fence ? this.#goesOnFenced(block) : this.#goesOnCode();
      case "math":
      case "paragraph":
      case "summary":
      case "table":
        return cursor.blank ? "no" : "yes";
      case "list":
      case "details":
        return "yes";
      default:
        return "no";
    }
  }

  #goesOnIndented(block: Block): Matched {
    const { cursor } = this;
    const width = block.kind === "item" ? block.indent : 4;
    if (cursor.blank) {
      if (!block.last) return "no";
      cursor.skipSpace();
      return "yes";
    }
    if (cursor.indent < width) return "no";
    cursor.skipColumns(width);
    return "yes";
  }

  #goesOnFenced(block: Block): Matched {
    const { cursor } = this;
    const fence = block.fence!;
    if (!cursor.indented && cursor.first === fence.char && this.#closesFence(fence.char, fence.length)) {
      while (this.tip !== block) this.#close(this.tip);
      block.end = this.line;
      this.#close(block);
      return "taken";
    }
    cursor.skipColumns(Math.min(cursor.indent, fence.indent));
    return "yes";
  }

  #closesFence(char: string, length: number): boolean {
    const { text, next } = this.cursor;
    let at = next;
    while (text.charAt(at) === char) at += 1;
    return at - next >= length && text.slice(at).trim() === "";
  }

  #goesOnCode(): Matched {
    const { cursor } = this;
    if (cursor.indented) cursor.skipColumns(4);
    else if (cursor.blank) cursor.skipSpace();
    else return "no";
    return "yes";
  }

  /** Begins the blocks that begin in this line; returns the block that the rest belongs to. */
  #open(matched: Block): Block {
    const { cursor } = this;
    let container = matched;
    while (isContainer(container.kind) || container.kind === "paragraph" || container.kind === "table") {
      cursor.look();
      const started = startBlock(this, container);
      if (started === "none") break;
      container = this.tip;
      if (started === "leaf") break;
    }
    return container;
  }

  #place(container: Block): void {
    const { cursor } = this;
    if (this.tip !== this.#matched && !cursor.blank && this.tip.kind === "paragraph") {
      this.#addText(this.tip); // lazy continuation
      return;
    }
    this.closeUnmatched();
    switch (container.kind) {
      case "paragraph":
        this.#addText(container);
        return;
      case "table":
        if (container.end < this.line) this.#addLine(container, cursor.restFromNext().trimEnd());
        return;
      case "code":
        this.#addCode(container);
        return;
      case "math":
        this.#addMath(container);
        return;
      case "summary":
        this.#addSummary(container);
        return;
      case "heading":
      case "rule":
        this.#close(container);
        return;
      default:
        if (!cursor.blank) this.#addText(this.add("paragraph"));
    }
  }

  #addLine(block: Block, line: string): void {
    block.lines.push(line);
    block.end = this.line;
  }

  #addText(block: Block): void {
    const line = this.cursor.restFromNext();
    const around = block.parent!;
    if (around.kind === "details" && DETAILS_TAIL.test(line) && !/<details>/i.test(line)) {
      this.#addLine(block, line.replace(DETAILS_TAIL, ""));
      this.#close(block);
      return endDetails(this, around);
    }
    this.#addLine(block, line);
    const definitions = line.startsWith("[") && block.lines[0]!.startsWith("[") && block.lines.length > 1;
    if (!definitions || this.#tentative || block.attempts >= ATTEMPTS_COUNT) return;
    // No title begins with a bracket, so a definition before this line is complete.
    if (!this.#take(block, line.length)) block.attempts += 1;
  }

  #addSummary(block: Block): void {
    const line = this.cursor.restFromNext();
    const end = line.search(/<\/summary>/i);
    this.#addLine(block, (end < 0 ? line : line.slice(0, end)).trim());
    if (end < 0) return;
    this.#close(block);
    const rest = line.slice(end + "</summary>".length);
    if (rest.trim() !== "") this.#addLine(this.add("paragraph"), rest.trimStart());
  }

  #addCode(block: Block): void {
    if (block.fence && block.end === this.line && block.lines.length === 0) return; // the opening fence
    const line = this.cursor.rest();
    block.lines.push(line);
    if (block.fence || line.trim() !== "") block.end = this.line;
  }

  #addMath(block: Block): void {
    if (block.end === this.line) return; // the opening line
    this.#addLine(block, this.cursor.restFromNext());
    if (endsMath(block)) this.#close(block);
  }

  /** Extracts definitions that end before the last `keep_chars`; returns whether there were any. */
  #take(block: Block, keep_chars: number): boolean {
    const text = block.lines.join("\n");
    const limit = keep_chars === Infinity ? text.length : text.length - keep_chars;
    let from = 0;
    while (text.charAt(from) === "[") {
      const definition = scanDefinition(from === 0 ? text : text.slice(from));
      if (definition === null || typeof definition === "string" || from + definition.end > limit) break;
      if (!this.#tentative) this.#define(definition);
      from += definition.end;
    }
    if (from === 0) return false;
    block.lines = from >= text.length ? [] : text.slice(from).split("\n");
    return true;
  }

  #close(block: Block): void {
    if (block.kind === "math" && !endsMath(block)) block.kind = "paragraph";
    if (block.kind === "paragraph") {
      this.takeDefinitions(block);
      if (block.lines.length === 0) block.kind = "nothing";
    }
    block.open = false;
    block.final = !this.#tentative;
    this.tip = block.parent!;
    this.#depth -= 1;
    if (this.#matched === block) this.#matched = this.tip;
  }

  /** A blank line between two items, or between two blocks of an item, makes the list loose. */
  #loosen(parent: Block): void {
    const before = parent.last;
    const list = parent.kind === "item" ? parent.parent : parent.kind === "list" ? parent : null;
    if (list && before && endOf(before) < this.line - 1) list.tight = false;
  }
}

/** Display math that was not closed before a blank line is a paragraph. */
function endsMath(block: Block): boolean {
  return block.lines.length > 1 && block.lines[block.lines.length - 1]!.trimEnd().endsWith(block.closer);
}

function canHold(parent: Kind, child: Kind): boolean {
  if (parent === "list") return child === "item";
  return isContainer(parent) && child !== "item";
}
