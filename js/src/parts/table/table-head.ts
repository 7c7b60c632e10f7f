/** The head of a table: a sort button, a menu and a resize handle for each column, and an optional row of filters. */

import { create, icon, isRightToLeft, setAttribute, setHidden } from "../../base/dom.ts";
import { MORE } from "../../base/icons.ts";
import { isNumeric } from "./cells.ts";
import type { Column } from "./cells.ts";
import type { Sort } from "./row-order.ts";
import * as english from "../../words/english.ts";

/** Actions of the reader on a column. */
export interface HeadActs {
  /** `add`: in addition to the other sort columns. */
  sort(column: number, add: boolean): void;
  menu(column: number, button: HTMLButtonElement): void;
  /** The width in CSS pixels; null: that of the content. */
  resize(column: number, px: number | null): void;
  filter(column: number, text: string): void;
  /** To a place among the columns shown, counted from 0. */
  move(column: number, place: number): void;
}

/** A shorter drag is a press that trembled. */
const DRAG_PX = 8;
/** Longest time between the two presses of a double click. */
const DOUBLE_MS = 500;

export class TableHead {
  readonly element: HTMLElement;
  readonly #row = create("tr", { "aria-rowindex": "1" });
  readonly #filters = create("tr", { class: "sw-filters", hidden: "" });
  readonly #acts: HeadActs;
  readonly #signal: AbortSignal;
  /** The typed filters, by column. */
  readonly #texts = new Map<number, string>();
  #shown: readonly number[] = [];
  /** The last press of a head was a drag. */
  #moved = false;
  #isShiftHeld = false;
  /** When and of which column an edge was pressed last. */
  #pressed_ms = -Infinity;
  #pressed = -1;

  constructor(acts: HeadActs, signal: AbortSignal) {
    this.#acts = acts;
    this.#signal = signal;
    this.element = create("thead", {}, this.#row, this.#filters);
    this.#filters.addEventListener("keydown", (event) => this.#filterKey(event), { signal });
  }

  get height_px(): number {
    return this.element.offsetHeight;
  }

  /** The head cells, in the order shown. */
  get cells(): HTMLElement[] {
    return [...this.#row.children] as HTMLElement[];
  }

  build(columns: readonly Column[], shown: readonly number[], isPinned: (column: number) => boolean): void {
    this.#shown = shown;
    const cells = shown.map((at, place) => this.#headCell(columns[at]!, at, place));
    for (const [place, cell] of cells.entries()) cell.classList.toggle("sw-pinned", isPinned(shown[place]!));
    this.#row.replaceChildren(...cells);
    this.#filters.replaceChildren(...shown.map((at) => create("td", {}, this.#filterField(columns[at]!, at))));
  }

  drawSorts(sorts: readonly Sort[]): void {
    for (const [place, cell] of this.cells.entries()) {
      const rank = sorts.findIndex(({ column }) => column === this.#shown[place]);
      const sort = sorts[rank];
      setAttribute(cell, "aria-sort", sort ? (sort.descending ? "descending" : "ascending") : null);
      setAttribute(cell.firstElementChild!, "data-value", sort && sorts.length > 1 ? String(rank + 1) : null);
    }
  }

  /** Opens the row of filters with the focus in that of `column`. */
  openFilter(column: number): void {
    setHidden(this.#filters, false);
    this.#filters.querySelectorAll("input")[this.#shown.indexOf(column)]?.focus({ preventScroll: true });
  }

  #headCell(column: Column, at: number, place: number): HTMLElement {
    const unit = column.unit ? [create("span", { class: "sw-unit" }, column.unit)] : [];
    const button = create("button", { type: "button" }, create("span", {}, column.name), ...unit);
    const menu = create("button", { class: "sw-colmenu", type: "button", tabindex: "-1", title: english.COLUMN_OPTIONS, "aria-label": english.optionsOf(column.name), "aria-haspopup": "menu" }, icon(MORE));
    const grip = create("span", { class: "sw-grip", "aria-hidden": "true" });
    const on = { signal: this.#signal };
    button.addEventListener("click", (event) => {
      const isKey = event.detail === 0; // whose click has no shiftKey in Firefox
      if (!this.#moved) this.#acts.sort(at, event.shiftKey || (isKey && this.#isShiftHeld));
      this.#moved = false;
    }, on);
    button.addEventListener("pointerdown", (event) => this.#take(event, button, at), on);
    button.addEventListener("keydown", (event) => {
      this.#isShiftHeld = event.shiftKey;
      if (!(event.key === "ArrowDown" && event.altKey) && event.key !== "ContextMenu") return;
      this.#acts.menu(at, menu);
      event.preventDefault();
      event.stopPropagation();
    }, on);
    menu.addEventListener("click", () => this.#acts.menu(at, menu), on);
    grip.addEventListener("pointerdown", (event) => this.#drag(event, grip, at), on);
    const attributes = { scope: "col", "data-align": isNumeric(column) ? "end" : "start", title: column.name, "aria-colindex": String(place + 1) };
    const cell = create("th", attributes, button, menu, grip);
    cell.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      this.#acts.menu(at, menu);
    }, on);
    return cell;
  }

  /** A head that is dragged by the mouse or a pen moves its column; a finger scrolls. */
  #take(event: PointerEvent, button: HTMLElement, at: number): void {
    this.#moved = false;
    if (event.button !== 0 || event.pointerType === "touch") return;
    const over = new AbortController();
    const on = { signal: over.signal };
    const from_px = event.clientX;
    let place: number | null = null;
    const end = (): void => {
      over.abort();
      this.#markDrop(null);
      setTimeout(() => (this.#moved = false)); // after the click, which a rebuilt head never gets
    };
    button.setPointerCapture(event.pointerId);
    button.addEventListener("pointermove", ({ clientX }) => {
      if (place === null && Math.abs(clientX - from_px) < DRAG_PX) return;
      this.#moved = true;
      place = this.#placeAt(clientX, button.parentElement!);
      this.#markDrop(place);
    }, on);
    button.addEventListener("pointerup", () => {
      end();
      if (place !== null && this.#shown[place] !== at) this.#acts.move(at, place);
    }, on);
    button.addEventListener("pointercancel", end, on);
    document.addEventListener("keydown", (key) => {
      if (key.key !== "Escape" || place === null) return;
      over.abort();
      this.#markDrop(null);
      key.preventDefault();
      key.stopPropagation();
    }, { signal: over.signal, capture: true });
  }

  /** The place that a column has when `dragged` is dropped at `x_px`. */
  #placeAt(x_px: number, dragged: HTMLElement): number {
    const cells = this.cells.filter((cell) => cell !== dragged);
    const sign = direction(dragged);
    const isBefore = (cell: HTMLElement): boolean => {
      const { left, width } = cell.getBoundingClientRect();
      return (x_px - left - width / 2) * sign > 0;
    };
    return cells.filter(isBefore).length;
  }

  /** Marks where a dragged column would stand; null: nowhere. */
  #markDrop(place: number | null): void {
    for (const [at, cell] of this.cells.entries()) cell.classList.toggle("sw-drop", at === place);
  }

  /** Resizes a column by its edge; a second press soon after gives back the width of the content. */
  #drag(event: PointerEvent, grip: HTMLElement, at: number): void {
    event.preventDefault();
    const isSecond = event.timeStamp - this.#pressed_ms < DOUBLE_MS && this.#pressed === at;
    [this.#pressed_ms, this.#pressed] = [event.timeStamp, at];
    if (isSecond) return this.#acts.resize(at, null); // Firefox has no dblclick where the press was prevented
    const cell = grip.parentElement!;
    const from_px = cell.offsetWidth - event.clientX * direction(cell);
    grip.setPointerCapture(event.pointerId);
    const move = ({ clientX }: PointerEvent): void => this.#acts.resize(at, from_px + clientX * direction(cell));
    grip.addEventListener("pointermove", move);
    const end = (): void => grip.removeEventListener("pointermove", move);
    grip.addEventListener("lostpointercapture", end, { once: true });
  }

  #filterField(column: Column, at: number): HTMLElement {
    const placeholder = isNumeric(column) ? english.FILTER_NUMBERS : english.FILTER_TEXT;
    const field = create("input", { class: "sw-colfilter", type: "search", placeholder, "aria-label": english.filterNamed(column.name) });
    field.value = this.#texts.get(at) ?? "";
    field.addEventListener("input", () => {
      this.#texts.set(at, field.value);
      this.#acts.filter(at, field.value);
    }, { signal: this.#signal });
    return field;
  }

  /** Letters are text here; Escape empties the field, and closes the row where all are empty. */
  #filterKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation();
    const field = event.target;
    if (event.key !== "Escape" || !(field instanceof HTMLInputElement)) return;
    event.preventDefault();
    if (field.value !== "") {
      field.value = "";
      field.dispatchEvent(new Event("input"));
    } else if ([...this.#texts.values()].every((text) => text === "")) setHidden(this.#filters, true);
  }
}

/** 1 if columns run from left to right, else -1. */
const direction = (element: HTMLElement): number => (isRightToLeft(element) ? -1 : 1);
