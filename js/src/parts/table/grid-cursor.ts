/** The cursor and the selected cells of a table: moved by keys and clicks, copied for spreadsheets. */

import { setAttribute } from "../../base/dom.ts";
import type { Json } from "../../protocol/wire.ts";
import { moved, rangeBetween, tsvOf } from "./cell-range.ts";
import type { Cell, CellRange } from "./cell-range.ts";
import { fullText } from "./cells.ts";
import { cellOf } from "./row-order.ts";
import type { RowOrder } from "./row-order.ts";
import * as english from "../../words/english.ts";

const PAGE_ROWS = 8;

/** A cell by its row among all rows and its column among all columns: it stays the same when rows are sorted. */
interface Spot {
  readonly row: number;
  readonly column: number;
}

/** The table, as the cursor uses it. */
export interface GridHost {
  readonly order: RowOrder;
  rows(): readonly Json[];
  /** The columns that are shown, in their order. */
  columns(): readonly number[];
  /** Scrolls a cell into view. */
  reveal(cell: Cell): void;
  /** The cursor or the selection has changed: rows must be redrawn. */
  moved(): void;
  answer(words: string): void;
}

/** A row that records whether any of its cells is marked. */
export interface MarkedRow extends HTMLElement {
  marked?: boolean;
}

let grids_count = 0;

export class GridCursor {
  readonly #host: GridHost;
  readonly #id = `sw-cell-${(grids_count += 1)}`;
  #cursor: Spot | null = null;
  /** Where the selection began. */
  #anchor: Spot | null = null;
  #range: CellRange | null = null;
  /** True while the text of a cell is selected only to be copied. */
  #holdsSelection = false;

  constructor(host: GridHost) {
    this.#host = host;
  }

  /** The row of the cursor among all rows; null without a cursor. */
  get row(): number | null {
    return this.#cursor?.row ?? null;
  }

  /** The id of the cell that the cursor is on; null without a cursor. */
  get cellId(): string | null {
    return this.#cursor && this.#id;
  }

  /** Finds the selected cells again after rows or columns have moved. */
  refresh(): void {
    const [to, from] = [this.#placeOf(this.#cursor), this.#placeOf(this.#anchor)];
    this.#range = to && rangeBetween(to, from ?? to);
  }

  put(spot: Spot, extend: boolean): void {
    this.#select(spot, extend ? (this.#anchor ?? spot) : spot);
  }

  /**
   * Arrows move the cursor from cell to cell, with Shift they select, with Ctrl they go to the edge;
   * Ctrl+A selects all, Escape ends the selection. True if the key was one of these.
   */
  key({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    const far = ctrlKey || metaKey;
    const size = { rows: this.#host.order.count(this.#host.rows().length), columns: this.#host.columns().length, page: PAGE_ROWS };
    const to = moved(this.#placeOf(this.#cursor), key, far, size);
    if (to) this.#moveTo(to, shiftKey);
    else if (far && key === "a" && size.rows > 0) {
      this.#select(this.#spotAt({ row: size.rows - 1, column: size.columns - 1 }), this.#spotAt({ row: 0, column: 0 }));
    } else if (key === "Escape" && this.#cursor) this.#select(null, null);
    else return false;
    return true;
  }

  /** Marks the selected cells of a row and the cell of the cursor; `index` is the displayed position of the row. */
  mark(row: MarkedRow, index: number): void {
    const range = this.#range;
    const within = range !== null && index >= range.top && index <= range.bottom;
    if (!within && !row.marked) return;
    row.marked = within;
    const current = this.#placeOf(this.#cursor);
    for (const [place, cell] of [...row.children].entries()) {
      const selected = within && place >= range.left && place <= range.right;
      setAttribute(cell, "aria-selected", selected ? "true" : null);
      setAttribute(cell, "id", index === current?.row && place === current.column ? this.#id : null);
    }
  }

  /** Selects the text of a cell until it is copied: Firefox copies only where something is selected. */
  selectForCopy(table: HTMLElement): void {
    const [selection, cell] = [document.getSelection(), table.querySelector('td[aria-selected="true"]')];
    if (!cell || selection?.isCollapsed === false) return;
    const range = document.createRange();
    range.selectNode(cell);
    selection?.addRange(range);
    this.#holdsSelection = true;
    setTimeout(() => {
      selection?.removeAllRanges();
      this.#holdsSelection = false;
    });
  }

  /** Copies the selected cells; text selected with the mouse is left to the browser. */
  copy(event: ClipboardEvent): void {
    const range = this.#range;
    if (!range || (document.getSelection()?.isCollapsed === false && !this.#holdsSelection)) return;
    const columns = this.#host.columns().slice(range.left, range.right + 1);
    const list = this.#host.rows();
    const rows: string[][] = [];
    for (let index = range.top; index <= range.bottom; index += 1) {
      const row = list[this.#host.order.at(index)];
      rows.push(columns.map((column) => plainText(cellOf(row, column))));
    }
    event.clipboardData?.setData("text/plain", tsvOf(rows));
    event.preventDefault();
    this.#host.answer(english.copiedCells(rows.length * columns.length));
  }

  /** The displayed position of a cell; null if it is not shown. */
  #placeOf(spot: Spot | null): Cell | null {
    if (!spot) return null;
    const [row, column] = [this.#host.order.indexOf(spot.row), this.#host.columns().indexOf(spot.column)];
    return row < 0 || column < 0 ? null : { row, column };
  }

  #spotAt({ row, column }: Cell): Spot {
    return { row: this.#host.order.at(row), column: this.#host.columns()[column]! };
  }

  #moveTo(to: Cell, extend: boolean): void {
    const cursor = this.#spotAt(to);
    this.#host.reveal(to);
    this.#select(cursor, extend ? (this.#anchor ?? this.#cursor ?? cursor) : cursor);
  }

  #select(cursor: Spot | null, anchor: Spot | null): void {
    this.#cursor = cursor;
    this.#anchor = anchor;
    this.refresh();
    this.#host.moved();
  }
}

const plainText = (value: Json): string => (value === null ? "" : fullText(value));
