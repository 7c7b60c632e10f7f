/**
 * A table that fills while one looks at it: sorted and filtered on what is there, a record opened in
 * full, copied or saved. The kernel has all rows; the page says how many of them it shows.
 */

import { aim, bareLink, create, icon, setAttribute, setHidden, setText } from "../dom.ts";
import { count, counted } from "../format.ts";
import { COPY, SAVE } from "../icons.ts";
import type { Part } from "../patch.ts";
import type { Context, Mounted } from "../renderers/renderer.ts";
import { addressOf, finite, label } from "../safety.ts";
import type { Json } from "../wire.ts";
import { columnsOf, drawCell, fitted, fullText, isNumeric, makeCell, shapeOf } from "./cells.ts";
import type { Column, Shape } from "./cells.ts";
import { RowOrder } from "./row-order.ts";
import { RowWindow, tableSpacer } from "./row-window.ts";

/** Column widths hold from here on, whatever comes. */
const SHAPED_ROWS = 50;
/** More new rows than this in one frame are a flood: marking them all would mark nothing. */
const MARKED_ROWS = 12;
/** Sorting what streams in, seen more often than this, could not be read. */
const ORDER_EVERY_MS = 200;
const FILTER_FROM_ROWS = 8;
/** Of a cell: its padding, and room for the sort mark. */
const MORE_PX = 36;
/** About what `1ch` is in a cell; the page's own unit sets the widths. */
const CH_PX = 8;
/** Until the table has been laid out. */
const ROOM_PX = 640;

interface Row extends HTMLElement {
  shown?: Json;
}

export class Table implements Mounted {
  readonly element: HTMLElement;
  readonly #context: Context;
  readonly #name = create("span", { class: "sw-name" });
  readonly #facts = create("span", { class: "sw-note" });
  readonly #filter = create("input", { class: "sw-filter", type: "search", placeholder: "Filter", hidden: "" });
  readonly #colgroup = create("colgroup");
  readonly #headRow = create("tr");
  readonly #table: HTMLElement;
  readonly #scroller = create("div", { class: "sw-scroller", tabindex: "0" });
  readonly #record = create("div", { class: "sw-record", hidden: "" });
  readonly #rows: RowWindow<Row>;
  readonly #order = new RowOrder();
  #part: Part;
  #columns: Column[] = [];
  #columnsFrom: Json | undefined;
  #shape: Shape = { chars: [], decimals: [] };
  #shapedBy = 0;
  /** How many rows there were when last drawn; those after it are new. -1: nothing was drawn. */
  #drawn = -1;
  #markFrom = Infinity;
  #current = -1;
  #orderAt = -Infinity;
  #later = 0;
  #width = 0;
  readonly #sizes = new ResizeObserver(([entry]) => {
    const { width } = entry!.contentRect;
    if (Math.abs(width - this.#width) > 1) this.#setWidths();
    this.#width = width;
  });

  constructor(part: Part, context: Context) {
    this.#part = part;
    this.#context = context;
    const { signal } = context;
    const body = create("tbody");
    this.#table = create("table", {}, this.#colgroup, create("thead", {}, this.#headRow), body);
    this.#scroller.append(this.#table);
    const copy = iconic(COPY, "Copy as CSV");
    const save = iconic(SAVE, "Save as CSV");
    const tools = create("span", { class: "sw-tools" }, this.#filter, copy, save);
    const what = create("span", { class: "sw-what" }, this.#name, this.#facts);
    const line = create("div", { class: "sw-line" }, what, tools);
    this.element = create("div", { class: "sw-part", "data-kind": "table" }, line, this.#scroller, this.#record);
    const maker = {
      make: () => create("tr", {}, ...this.#columns.map(makeCell)) as Row,
      draw: (row: Row, index: number, moved: boolean) => this.#drawRow(row, index, moved),
    };
    this.#rows = new RowWindow(this.#scroller, body, maker, tableSpacer, signal);
    copy.addEventListener("click", () => void context.take("csv", "copy", part.id), { signal });
    save.addEventListener("click", () => void context.take("csv", "save", part.id), { signal });
    this.#sizes.observe(this.#scroller);
    this.#filter.addEventListener("input", () => this.#filtered(), { signal });
    this.#filter.addEventListener("keydown", (event) => this.#filterKey(event), { signal });
    this.#scroller.addEventListener("keydown", (event) => this.#key(event), { signal });
    body.addEventListener("click", (event) => this.#clicked(event), { signal });
    body.addEventListener("mouseover", (event) => this.#hinted(event), { signal });
  }

  update(part: Part): void {
    this.#part = part;
    const { fields } = part;
    const list = this.#list;
    setAttribute(this.element, "data-state", fields["state"] === "closed" ? "closed" : "open");
    this.#takeColumns(list);
    this.#mark(list.length);
    this.#draw(false);
    setHidden(this.#filter, list.length < FILTER_FROM_ROWS && this.#filter.value === "");
  }

  dispose(): void {
    clearTimeout(this.#later);
    this.#sizes.disconnect();
  }

  get #list(): readonly Json[] {
    return this.#part.items?.list ?? [];
  }

  /** New columns, wider types, or the first rows: the table is shaped anew, and then no more. */
  #takeColumns(list: readonly Json[]): void {
    const from = this.#part.fields["columns"];
    const fresh = from !== this.#columnsFrom && JSON.stringify(from) !== JSON.stringify(this.#columnsFrom);
    const grown = this.#shapedBy < SHAPED_ROWS && list.length > this.#shapedBy;
    if (!fresh && !grown) return;
    this.#columnsFrom = from;
    this.#columns = columnsOf(from);
    const rows = list.slice(0, SHAPED_ROWS);
    this.#shapedBy = rows.length;
    const shape = shapeOf(this.#columns, rows);
    const { chars } = this.#shape; // a column never gets narrower under the reader's eyes
    this.#shape = { ...shape, chars: shape.chars.map((n, at) => Math.max(n, chars[at] ?? 0)) };
    if (fresh) this.#buildHead();
    this.#setWidths();
  }

  #buildHead(): void {
    this.#rows.clear();
    this.#order.restart();
    this.#colgroup.replaceChildren(...this.#columns.map(() => create("col")));
    this.#headRow.replaceChildren(...this.#columns.map((column, at) => this.#headCell(column, at)));
    setAttribute(this.#table, "aria-colcount", String(this.#columns.length));
  }

  #headCell(column: Column, at: number): HTMLElement {
    const unit = column.unit ? [create("span", { class: "sw-unit" }, column.unit)] : [];
    const button = create("button", { type: "button" }, create("span", {}, column.name), ...unit);
    button.addEventListener("click", () => this.#sortBy(at));
    return create("th", { scope: "col", "data-align": isNumeric(column) ? "end" : "start", title: column.name }, button);
  }

  #setWidths(): void {
    const room_px = this.#scroller.clientWidth || ROOM_PX;
    const room = room_px / CH_PX - this.#columns.length * (MORE_PX / CH_PX);
    const chars = fitted(this.#columns, this.#shape.chars, room);
    for (const [at, col] of [...this.#colgroup.children].entries()) {
      (col as HTMLElement).style.width = `calc(${chars[at]!.toFixed(1)} * 1ch + ${MORE_PX}px)`;
    }
    const total = chars.reduce((sum, n) => sum + n, 0);
    this.#table.style.minWidth = `calc(${total.toFixed(1)} * 1ch + ${this.#columns.length * MORE_PX}px)`;
  }

  #mark(length: number): void {
    const fresh = length - this.#drawn;
    this.#markFrom = this.#drawn >= 0 && fresh <= MARKED_ROWS ? this.#drawn : Infinity;
    this.#drawn = length;
  }

  #draw(now: boolean): void {
    const list = this.#list;
    if (!this.#order.plain && !this.#mayOrder(now)) return;
    this.#order.update(list);
    const shown = this.#order.count(list.length);
    this.#rows.update(shown);
    setAttribute(this.#table, "aria-rowcount", String(shown + 1));
    this.#drawFacts(list.length, shown);
  }

  /** Puts off ordering what streams in, if it was done a moment ago. */
  #mayOrder(now: boolean): boolean {
    const passed = performance.now() - this.#orderAt;
    if (!now && passed < ORDER_EVERY_MS) {
      this.#later ||= setTimeout(() => this.#draw(true), ORDER_EVERY_MS - passed) as unknown as number;
      return false;
    }
    clearTimeout(this.#later);
    this.#later = 0;
    this.#orderAt = performance.now();
    return true;
  }

  #drawFacts(there: number, shown: number): void {
    const { fields } = this.#part;
    const name = label(fields["name"]) || "Table";
    const total = finite(fields["row_count"]) ?? there;
    const rows = counted(total, "row");
    const cap = total > there ? `first ${count(there)} of ${rows} shown; Python has all` : rows;
    const found = this.#order.filter === "" ? "" : `${count(shown)} found in `;
    const going = fields["state"] === "closed" ? "" : this.#context.alive() ? ", still loading" : "";
    setText(this.#name, name);
    setText(this.#facts, `${found}${cap}${going}`);
    setAttribute(this.#table, "aria-label", name);
    setAttribute(this.#scroller, "aria-label", name);
    setAttribute(this.#filter, "aria-label", `Filter ${name}`);
  }

  #drawRow(row: Row, index: number, moved: boolean): void {
    const at = this.#order.at(index);
    const value = this.#list[at];
    const fresh = at >= this.#markFrom || (!moved && row.shown !== undefined && row.shown !== value && this.#order.plain);
    if (fresh || moved) row.classList.toggle("sw-new", fresh);
    row.shown = value!;
    setAttribute(row, "aria-rowindex", String(index + 2));
    setAttribute(row, "aria-selected", at === this.#current ? "true" : null);
    const cells = Array.isArray(value) ? value : [];
    for (const [n, column] of this.#columns.entries()) {
      const draw = { decimals: this.#shape.decimals[n]!, markdown: this.#context.markdown };
      drawCell(row.children[n] as HTMLElement, cells[n], column, draw);
    }
  }

  #sortBy(column: number): void {
    const { sort } = this.#order;
    const same = sort?.column === column;
    // First up, then down, then as they came.
    this.#order.sort = same && sort.descending ? null : { column, descending: same };
    for (const [at, cell] of [...this.#headRow.children].entries()) {
      const mine = this.#order.sort?.column === at;
      setAttribute(cell, "aria-sort", mine ? (this.#order.sort!.descending ? "descending" : "ascending") : null);
    }
    this.#reorder();
  }

  #filtered(): void {
    this.#order.filter = this.#filter.value.trim().toLowerCase();
    this.#reorder();
  }

  #reorder(): void {
    this.#order.restart();
    this.#rows.scrollTo(0);
    this.#markFrom = Infinity;
    this.#draw(true);
  }

  #filterKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // letters are text here, and nobody's command
    if (event.key !== "Escape" || this.#filter.value === "") return;
    event.preventDefault();
    this.#filter.value = "";
    this.#filtered();
  }

  /** Up and down move the current row, Enter opens it, Escape closes it. */
  #key(event: KeyboardEvent): void {
    if (event.target !== this.#scroller || event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = this.#order.count(this.#list.length);
    const by: { readonly [key: string]: number } = { ArrowUp: -1, ArrowDown: 1, PageUp: -8, PageDown: 8, Home: -Infinity, End: Infinity };
    const step = by[event.key];
    const here = this.#position(shown);
    if (step !== undefined && shown > 0) this.#moveTo(Math.max(0, Math.min(shown - 1, here + step)));
    else if (event.key === "Enter" && here >= 0) this.#openRecord(this.#current);
    else if (event.key === "Escape" && !this.#record.hidden) this.#closeRecord();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Where the current row is shown; -1 if it is not. */
  #position(shown: number): number {
    if (this.#current < 0) return -1;
    for (let index = 0; index < shown; index += 1) if (this.#order.at(index) === this.#current) return index;
    return -1;
  }

  #moveTo(index: number): void {
    this.#current = this.#order.at(index);
    this.#rows.show(index, this.#headRow.offsetHeight);
    this.#rows.update(this.#order.count(this.#list.length));
    if (!this.#record.hidden) this.#openRecord(this.#current);
    else this.#context.say(recordWords(this.#columns, this.#list[this.#current]));
  }

  #clicked(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<Row>("tr") : null;
    if (!row?.shown || (event.target as Element).closest("a") || document.getSelection()?.isCollapsed === false) return;
    const at = this.#list.indexOf(row.shown);
    if (at === this.#current && !this.#record.hidden) this.#closeRecord();
    else this.#openRecord(at);
  }

  /** The whole text of a cell that is cut, when one points at it. */
  #hinted({ target }: MouseEvent): void {
    const cell = target instanceof Element ? target.closest<HTMLElement>("td") : null;
    const row = cell?.parentElement as Row | null;
    if (!cell || !Array.isArray(row?.shown)) return;
    const at = [...row.children].indexOf(cell);
    setAttribute(cell, "title", cell.scrollWidth > cell.clientWidth ? fullText(row.shown[at]).slice(0, 2000) : null);
  }

  #openRecord(at: number): void {
    this.#current = at;
    const row = this.#list[at];
    const cells = Array.isArray(row) ? row : [];
    const lines = this.#columns.map((column, n) => {
      const value = create("span", { class: "sw-cell" }, linked(column, cells[n]));
      return create("div", {}, create("span", { class: "sw-key" }, column.name), value);
    });
    const close = create("button", { class: "sw-plain", type: "button" }, "Close");
    close.addEventListener("click", () => this.#closeRecord());
    this.#record.replaceChildren(create("div", { class: "sw-caption" }, `Row ${count(at + 1)}`, close), ...lines);
    setHidden(this.#record, false);
    this.#rows.update(this.#order.count(this.#list.length));
  }

  #closeRecord(): void {
    const had = this.#record.contains(document.activeElement);
    setHidden(this.#record, true);
    if (had) this.#scroller.focus({ preventScroll: true });
  }
}

function linked(column: Column, value: Json | undefined): Node | string {
  if (column.type !== "link") return fullText(value);
  const link = bareLink();
  setText(link, fullText(value));
  aim(link, addressOf(value));
  return link;
}

const recordWords = (columns: readonly Column[], row: Json | undefined): string =>
  columns.map(({ name }, at) => `${name}: ${fullText(Array.isArray(row) ? row[at] : null).slice(0, 80)}`).join(", ");

const iconic = (path: string, words: string): HTMLButtonElement =>
  create("button", { class: "sw-iconic", type: "button", title: words, "aria-label": words }, icon(path));
