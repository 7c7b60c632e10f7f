/**
 * A table that fills while it is shown: sorted and filtered by the rows so far, a record opened in
 * full, copied or downloaded. The kernel has all rows; the page says how many of them it shows.
 */

import { create, icon, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { openMenu } from "../../base/menu.ts";
import { COPY, SAVE } from "../../base/icons.ts";
import type { Part } from "../../protocol/patch.ts";
import type { Context, Mounted } from "../part-view.ts";
import { finite, label } from "../../base/safety.ts";
import type { Json } from "../../protocol/wire.ts";
import type { Cell } from "./cell-range.ts";
import { columnsOf, drawCell, fullText, makeCell, shapeOf } from "./cells.ts";
import type { Column, Shape } from "./cells.ts";
import { cellTest } from "./column-filter.ts";
import { ColumnLayout } from "./column-layout.ts";
import { columnItems } from "./column-menu.ts";
import { widthsOf } from "./column-widths.ts";
import { GridCursor } from "./grid-cursor.ts";
import type { MarkedRow } from "./grid-cursor.ts";
import { RowRecord } from "./record.ts";
import { nextSorts, RowOrder, withSort } from "./row-order.ts";
import type { Sort } from "./row-order.ts";
import { RowWindow, tableSpacer } from "./row-window.ts";
import { TableHead } from "./table-head.ts";
import * as english from "../../words/english.ts";

/** Number of rows after which column widths no longer change. */
const SHAPED_ROWS = 50;
/** More new rows in one frame are not highlighted: marking them all would mark nothing. */
const MARKED_ROWS = 12;
/** Sorting incoming rows more often would make the table unreadable. */
const ORDER_EVERY_MS = 200;
const FILTER_FROM_ROWS = 8;

interface Row extends MarkedRow {
  shown?: Json;
}

export class Table implements Mounted {
  readonly element: HTMLElement;
  readonly #context: Context;
  readonly #name = create("span", { class: "sw-name" });
  readonly #facts = create("span", { class: "sw-note" });
  readonly #filter = create("input", { class: "sw-filter", type: "search", placeholder: english.FILTER, hidden: "" });
  readonly #colgroup = create("colgroup");
  readonly #head: TableHead;
  readonly #table: HTMLElement;
  readonly #scroller = create("div", { class: "sw-scroller" });
  readonly #record = new RowRecord(() => this.#table.focus({ preventScroll: true }));
  readonly #layout = new ColumnLayout();
  readonly #order = new RowOrder();
  readonly #cursor = new GridCursor({
    order: this.#order,
    rows: () => this.#list,
    columns: () => this.#shownColumns,
    reveal: (cell) => this.#revealed(cell),
    moved: () => this.#cursorMoved(),
    answer: (words) => this.#context.answer(words),
  });
  readonly #rows: RowWindow<Row>;
  #part: Part;
  #columns: Column[] = [];
  #columnsFrom: Json | undefined;
  #shape: Shape = { chars: [], decimals: [] };
  #shapedBy = 0;
  /** Number of rows when last drawn; later ones are new. -1: not drawn yet. */
  #drawn = -1;
  #markFrom = Infinity;
  #shownColumns: number[] = [];
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
    const acts = {
      sort: (column: number, add: boolean) => this.#setSorts(nextSorts(this.#order.sorts, column, add)),
      menu: (column: number, button: HTMLButtonElement) => this.#openColumnMenu(column, button),
      resize: (column: number, px: number | null) => this.#resize(column, px),
      filter: (column: number, text: string) => this.#filterColumn(column, text),
      move: (column: number, place: number) => this.#moveColumn(column, place),
    };
    this.#head = new TableHead(acts, signal);
    const grid = { role: "grid", tabindex: "0", "aria-multiselectable": "true" };
    this.#table = create("table", grid, this.#colgroup, this.#head.element, body);
    this.#scroller.append(this.#table);
    const copy = iconic(COPY, english.COPY_CSV);
    const save = iconic(SAVE, english.DOWNLOAD_CSV);
    const tools = create("span", { class: "sw-tools" }, this.#filter, copy, save);
    const what = create("span", { class: "sw-what" }, this.#name, this.#facts);
    const line = create("div", { class: "sw-line" }, what, tools);
    this.element = create("div", { class: "sw-part", "data-kind": "table" }, line, this.#scroller, this.#record.element);
    const maker = {
      make: () => this.#makeRow(),
      draw: (row: Row, index: number, moved: boolean) => this.#drawRow(row, index, moved),
    };
    this.#rows = new RowWindow(this.#scroller, body, maker, tableSpacer, signal);
    copy.addEventListener("click", () => void context.take("csv", "copy", part.id), { signal });
    save.addEventListener("click", () => void context.take("csv", "save", part.id), { signal });
    this.#sizes.observe(this.#scroller);
    this.#filter.addEventListener("input", () => this.#filtered(), { signal });
    this.#filter.addEventListener("keydown", (event) => this.#filterKey(event), { signal });
    this.#table.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#table.addEventListener("copy", (event) => this.#cursor.copy(event), { signal });
    body.addEventListener("click", (event) => this.#clicked(event), { signal });
    body.addEventListener("dblclick", () => this.#openRecord(), { signal });
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

  /** New columns, wider types or the first rows: computes the widths again, and then no more. */
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
    const { chars } = this.#shape; // a column never becomes narrower while it is shown
    this.#shape = { ...shape, chars: shape.chars.map((n, at) => Math.max(n, chars[at] ?? 0)) };
    if (fresh) this.#buildHead();
    else this.#setWidths();
  }

  /** The columns or their layout have changed. */
  #buildHead(): void {
    this.#layout.take(this.#columns.length);
    this.#shownColumns = this.#layout.shown;
    this.#rows.clear();
    this.#order.restart();
    this.#colgroup.replaceChildren(...this.#shownColumns.map(() => create("col")));
    this.#head.build(this.#columns, this.#shownColumns, (column) => this.#layout.isPinned(column));
    this.#head.drawSorts(this.#order.sorts);
    setAttribute(this.#table, "aria-colcount", String(this.#shownColumns.length));
    this.#setWidths();
  }

  #makeRow(): Row {
    const row = create("tr", {}, ...this.#shownColumns.map((at) => makeCell(this.#columns[at]!))) as Row;
    for (const [place, cell] of ([...row.children] as HTMLElement[]).entries()) {
      setAttribute(cell, "aria-colindex", String(place + 1));
      if (!this.#layout.isPinned(this.#shownColumns[place]!)) continue;
      cell.classList.add("sw-pinned");
      cell.style.insetInlineStart = this.#head.cells[place]!.style.insetInlineStart;
    }
    return row;
  }

  #setWidths(): void {
    const shown = this.#shownColumns;
    const { columns, table, isNarrow } = widthsOf({
      columns: shown.map((at) => this.#columns[at]!),
      chars: shown.map((at) => this.#shape.chars[at]!),
      own_px: shown.map((at) => this.#layout.width_px(at)),
      room_px: this.#scroller.parentElement!.clientWidth,
    });
    for (const [place, col] of ([...this.#colgroup.children] as HTMLElement[]).entries()) col.style.width = columns[place]!;
    this.#table.style.width = isNarrow ? table : "";
    this.#table.style.minWidth = table;
    this.#scroller.style.width = isNarrow ? "fit-content" : "";
    this.#placePinned();
  }

  /** Pinned columns stay at the start, next to each other; their offsets come from the layout. */
  #placePinned(): void {
    let px = 0;
    for (const [place, cell] of this.#head.cells.entries()) {
      if (!this.#layout.isPinned(this.#shownColumns[place]!)) break;
      cell.style.insetInlineStart = `${px}px`;
      px += cell.offsetWidth;
    }
  }

  #layoutChanged(): void {
    this.#buildHead();
    this.#buildRows();
  }

  /** Redraws all rows from scratch: their cells have changed. */
  #buildRows(): void {
    this.#rows.clear();
    this.#draw(true);
  }

  #resize(column: number, px: number | null): void {
    this.#layout.resize(column, px);
    this.#setWidths();
    if (this.#shownColumns.some((at) => this.#layout.isPinned(at))) this.#buildRows();
  }

  #openColumnMenu(column: number, button: HTMLButtonElement): void {
    const cell = this.#head.cells[this.#shownColumns.indexOf(column)];
    const items = columnItems({
      column,
      layout: this.#layout,
      width_px: cell?.offsetWidth ?? 0,
      sort: (sort, add) => this.#setSorts(withSort(this.#order.sorts, sort, add)),
      openFilter: () => this.#head.openFilter(column),
      changed: () => this.#layoutChanged(),
    });
    const view = this.element.closest<HTMLElement>(".sw-view");
    if (view) openMenu({ view, button, label: english.optionsOf(this.#columns[column]!.name), items });
  }

  #moveColumn(column: number, place: number): void {
    this.#layout.moveTo(column, place);
    this.#layoutChanged();
    const { shown } = this.#layout;
    this.#context.answer(english.columnMoved(this.#columns[column]!.name, shown.indexOf(column) + 1, shown.length));
  }

  #filterColumn(column: number, text: string): void {
    const test = cellTest(text);
    if (test) this.#order.tests.set(column, test);
    else this.#order.tests.delete(column);
    this.#reorder();
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
    this.#cursor.refresh();
    this.#rows.update(shown);
    setAttribute(this.#table, "aria-rowcount", String(shown + 1));
    this.#drawFacts(list.length, shown);
  }

  /** Postpones ordering incoming rows if it was done a moment ago. */
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
    const name = label(fields["name"]) || english.TABLE;
    const total = finite(fields["row_count"]) ?? there;
    const loading = fields["state"] !== "closed" && this.#context.alive();
    setText(this.#name, name);
    setText(this.#facts, english.rowsShown({ there, shown, total, filtered: this.#order.filters, loading }));
    setAttribute(this.#table, "aria-label", name);
    setAttribute(this.#filter, "aria-label", english.filterNamed(name));
  }

  #drawRow(row: Row, index: number, moved: boolean): void {
    const at = this.#order.at(index);
    const value = this.#list[at];
    const fresh = at >= this.#markFrom || (!moved && row.shown !== undefined && row.shown !== value && this.#order.plain);
    if (fresh || moved) row.classList.toggle("sw-new", fresh);
    row.shown = value!;
    setAttribute(row, "aria-rowindex", String(index + 2));
    this.#cursor.mark(row, index);
    const cells = Array.isArray(value) ? value : [];
    for (const [place, n] of this.#shownColumns.entries()) {
      const draw = { decimals: this.#shape.decimals[n]!, markdown: this.#context.markdown };
      drawCell(row.children[place] as HTMLElement, cells[n], this.#columns[n]!, draw);
    }
  }

  #setSorts(sorts: readonly Sort[]): void {
    this.#order.sorts = sorts;
    this.#head.drawSorts(sorts);
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
    event.stopPropagation(); // letters are text here, not commands
    if (event.key !== "Escape" || this.#filter.value === "") return;
    event.preventDefault();
    this.#filter.value = "";
    this.#filtered();
  }

  /** Enter opens the row, Escape closes it; all other keys are the cursor's. */
  #key(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c") return this.#cursor.selectForCopy(this.#table);
    if (event.target !== this.#table || event.altKey || !this.#handled(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #handled(event: KeyboardEvent): boolean {
    if (event.key === "Enter") return this.#openRecord();
    if (event.key !== "Escape" || !this.#record.isOpen) return this.#cursor.key(event);
    this.#record.close();
    return true;
  }

  #revealed(cell: Cell): void {
    this.#rows.show(cell.row, this.#head.height_px);
    this.#head.cells[cell.column]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #cursorMoved(): void {
    setAttribute(this.#table, "aria-activedescendant", this.#cursor.cellId);
    this.#rows.update(this.#order.count(this.#list.length));
    if (this.#record.isOpen) this.#openRecord();
  }

  #clicked(event: MouseEvent): void {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("td") : null;
    const row = cell?.parentElement as Row | null;
    if (!cell || row?.shown === undefined || (event.target as Element).closest("a") || document.getSelection()?.isCollapsed === false) return;
    this.#table.focus({ preventScroll: true });
    this.#cursor.put({ row: this.#list.indexOf(row.shown), column: this.#shownColumns[[...row.children].indexOf(cell)]! }, event.shiftKey);
  }

  /** Shows the whole text of a truncated cell on hover. */
  #hinted({ target }: MouseEvent): void {
    const cell = target instanceof Element ? target.closest<HTMLElement>("td") : null;
    const row = cell?.parentElement as Row | null;
    if (!cell || !Array.isArray(row?.shown)) return;
    const at = this.#shownColumns[[...row.children].indexOf(cell)]!;
    setAttribute(cell, "title", cell.scrollWidth > cell.clientWidth ? fullText(row.shown[at]).slice(0, 2000) : null);
  }

  #openRecord(): boolean {
    const row = this.#cursor.row;
    if (row === null) return false;
    this.#record.open(row, this.#columns, this.#list[row]);
    return true;
  }
}

const iconic = (path: string, words: string): HTMLButtonElement =>
  create("button", { class: "sw-iconic", type: "button", title: words, "aria-label": words }, icon(path));
