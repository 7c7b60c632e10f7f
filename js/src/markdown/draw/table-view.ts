/**
 * Tables: one element, its rows in bodies of 100. From the second body, the columns keep the widths
 * that they have then, and each body is laid out separately, so a new row costs the layout of one body. It
 * stays one table for search, selection, print and screen readers.
 */

import { create, setAttribute } from "../../base/dom.ts";
import type { Align, Block } from "../parse/block.ts";
import { WHOLE } from "../parse/inline-parser.ts";
import type { Growth } from "../parse/inline-parser.ts";
import { cellsOf } from "../parse/table-lines.ts";
import { growthOf } from "./drawing.ts";
import type { Drawing, View } from "./drawing.ts";
import { Leaf } from "./leaf.ts";

const BODY_ROWS = 100;
/** Longer texts are divided into several nodes. */
const SHORT_CHARS = 1000;
/** A text without any of these needs no parsing. */
const MARKUP = /[\n\\`*_~[\]!<&$@]|:\/\/|www\./;

export class TableView implements View {
  readonly element: HTMLElement;
  readonly key = "table";
  readonly #drawing: Drawing;
  readonly #table = create("table");
  readonly #head = create("thead");
  #headRow: Row | null = null;
  #body: HTMLElement | null = null;
  #align: readonly Align[] = [];
  /** The last drawn row, and the number of rows. */
  #row: Row | null = null;
  #rows_count = 0;
  /** Widths of the columns in percent, once they are fixed. */
  #widths: readonly string[] | null = null;

  constructor(drawing: Drawing) {
    this.#drawing = drawing;
    this.#table.append(this.#head);
    this.element = create("div", { class: "sw-table", tabindex: "0" }, this.#table);
  }

  draw(block: Block): void {
    const header = block.kind === "table" ? block.header : block.lines[0]!;
    const rows = block.kind === "table" ? block.lines : [];
    const growth = growthOf(block, this.#drawing);
    this.#drawHead(header, block, rows.length === 0 ? growth : WHOLE);
    if (this.#rows_count > rows.length) this.#dropRow();
    // The last drawn row may have been unfinished.
    for (let at = this.#rows_count - (this.#row ? 1 : 0); at < rows.length; at += 1) {
      this.#drawRow(at, rows[at]!, at === rows.length - 1 ? growth : WHOLE);
    }
    if (block.final && this.#widths) setAttribute(this.#table, "aria-rowcount", String(rows.length + 1));
  }

  #drawHead(header: string, { align, kind }: Block, growth: Growth): void {
    const cells = cellsOf(header);
    if (kind === "table" && !sameAlign(align, this.#align)) this.#headRow = null;
    this.#align = kind === "table" ? align : cells.map(() => null);
    if (!this.#headRow || this.#headRow.cells_count !== cells.length) {
      this.#headRow = new Row("th", this.#align, this.#drawing);
      this.#head.replaceChildren(this.#headRow.element);
    }
    this.#headRow.draw(cells, growth);
  }

  #drawRow(at: number, line: string, growth: Growth): void {
    if (at === this.#rows_count) {
      this.#row = new Row("td", this.#align, this.#drawing);
      if (at % BODY_ROWS === 0) this.#addBody(this.#row);
      if (this.#widths) this.#row.setRoles("cell");
      this.#body!.append(this.#row.element);
      this.#rows_count += 1;
    }
    this.#row!.draw(cellsOf(line), growth);
  }

  #addBody(first: Row): void {
    if (this.#body && !this.#widths) this.#fix();
    this.#body = create("tbody", this.#widths ? { role: "rowgroup" } : {});
    if (this.#widths) first.setWidths(this.#widths);
    this.#table.append(this.#body);
  }

  /** The unfinished row turned out not to be a row. */
  #dropRow(): void {
    this.#row!.element.remove();
    this.#row = null;
    this.#rows_count -= 1;
    if (this.#body && !this.#body.firstChild) {
      const before = this.#body.previousElementSibling;
      this.#body.remove();
      this.#body = before === this.#head ? null : (before as HTMLElement);
    }
  }

  /** Fixes the widths of the columns, and states as ARIA roles what the layout no longer does. */
  #fix(): void {
    const widths_px = [...this.#headRow!.element.children].map((cell) => (cell as HTMLElement).offsetWidth || 1);
    const total_px = widths_px.reduce((sum, width) => sum + width, 0);
    this.#widths = widths_px.map((width) => `${((100 * width) / total_px).toFixed(2)}%`);
    if (this.#table.offsetWidth) this.#table.style.width = `${this.#table.offsetWidth}px`;
    this.#table.classList.add("sw-split");
    setAttribute(this.#table, "role", "table");
    setAttribute(this.#table, "aria-colcount", String(this.#align.length));
    setAttribute(this.#table, "aria-rowcount", "-1");
    setAttribute(this.#head, "role", "rowgroup");
    this.#headRow!.setRoles("columnheader");
    this.#headRow!.setWidths(this.#widths);
    this.#fixBody();
  }

  #fixBody(): void {
    const body = this.#body!;
    setAttribute(body, "role", "rowgroup");
    for (const row of body.children) {
      setAttribute(row, "role", "row");
      for (const cell of row.children) setAttribute(cell, "role", "cell");
    }
    const cells = body.firstElementChild?.children ?? [];
    [...cells].forEach((cell, at) => ((cell as HTMLElement).style.width = this.#widths![at] ?? ""));
  }
}

const sameAlign = (one: readonly Align[], other: readonly Align[]): boolean =>
  one.length === other.length && one.every((align, at) => align === other[at]);

/** One row; cells beyond the columns of the table are not shown, missing ones are empty. */
class Row {
  readonly element = create("tr");
  readonly #cells: HTMLElement[];
  readonly #drawing: Drawing;
  readonly #texts: string[] = [];
  /** Cells drawn while they were growing. */
  readonly #leaves: (Leaf | undefined)[] = [];

  constructor(name: "td" | "th", align: readonly Align[], drawing: Drawing) {
    this.#drawing = drawing;
    this.#cells = align.map((side) => create(name, side ? { align: side } : {}));
    this.element.append(...this.#cells);
  }

  get cells_count(): number {
    return this.#cells.length;
  }

  draw(texts: readonly string[], growth: Growth): void {
    const last = growth.open ? Math.min(texts.length, this.#cells.length) - 1 : -1;
    for (let at = 0; at < this.#cells.length; at += 1) {
      const text = texts[at] ?? "";
      if (at === last) this.#grow(at, text, growth);
      else if (this.#texts[at] !== text || this.#leaves[at]) this.#set(at, text);
    }
  }

  #grow(at: number, text: string, growth: Growth): void {
    this.#texts[at] = text;
    (this.#leaves[at] ??= new Leaf(this.#cells[at]!, this.#drawing)).draw(text, growth);
  }

  #set(at: number, text: string): void {
    this.#texts[at] = text;
    const leaf = this.#leaves[at];
    this.#leaves[at] = undefined;
    if (leaf) leaf.draw(text, WHOLE);
    else drawWhole(this.#cells[at]!, text, this.#drawing);
  }

  setRoles(role: "cell" | "columnheader"): void {
    setAttribute(this.element, "role", "row");
    for (const cell of this.#cells) setAttribute(cell, "role", role);
  }

  setWidths(widths: readonly string[]): void {
    this.#cells.forEach((cell, at) => (cell.style.width = widths[at] ?? ""));
  }
}

/** Draws a short, complete text. */
function drawWhole(element: HTMLElement, text: string, drawing: Drawing): void {
  if (text.length > SHORT_CHARS || MARKUP.test(text)) new Leaf(element, drawing).draw(text, WHOLE);
  else element.textContent = text; // leaves no empty text node
}
