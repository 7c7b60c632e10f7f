/**
 * Rows of equal height of which only the visible ones are in the page, so that a hundred thousand cost as much as
 * forty. A few rows are all in the page, for the browser's search and print.
 */

import { create } from "../../base/dom.ts";

/** Rows drawn beyond each edge, ready for scrolling. */
const BEYOND_COUNT = 12;
const ALL_COUNT = 200;
/** Assumed height until rows have been measured. */
const ROW_PX = 28;
const HEIGHT_PX = 320;

export interface RowMaker<R extends HTMLElement> {
  make(): R;
  /** Draws the row at `index`; `moved` if the element showed another before. */
  draw(row: R, index: number, moved: boolean): void;
}

export class RowWindow<R extends HTMLElement> {
  readonly #scroller: HTMLElement;
  readonly #above: HTMLElement;
  readonly #below: HTMLElement;
  readonly #maker: RowMaker<R>;
  #rows: R[] = [];
  #first = 0;
  #count = 0;
  #row_px = 0;
  #waiting = false;
  /** Rows change their height with the density and the size of the text. */
  readonly #rowSizes = new ResizeObserver(() => this.#measure());
  /** Position and height of the scroller from its last event: reading them at each update would force a layout. */
  #top = 0;
  #height = 0;

  /** `spacer` creates the element that fills the space of rows that are not drawn. */
  constructor(scroller: HTMLElement, body: HTMLElement, maker: RowMaker<R>, spacer: () => HTMLElement, signal: AbortSignal) {
    this.#scroller = scroller;
    this.#maker = maker;
    this.#above = spacer();
    this.#below = spacer();
    body.append(this.#above, this.#below);
    const scrolled = (): void => {
      if (this.#waiting) return;
      this.#waiting = true;
      requestAnimationFrame(() => {
        this.#waiting = false;
        this.#top = scroller.scrollTop;
        this.#place();
      });
    };
    scroller.addEventListener("scroll", scrolled, { signal, passive: true });
    const sizes = new ResizeObserver(([entry]) => {
      this.#height = entry!.contentRect.height;
      this.#place();
    });
    sizes.observe(scroller);
    const end = (): void => {
      sizes.disconnect();
      this.#rowSizes.disconnect();
    };
    signal.addEventListener("abort", end, { once: true });
  }

  /** Sets the number of rows; redraws the visible ones, which is cheap if nothing has changed. */
  update(count: number): void {
    this.#count = count;
    const moved = this.#place();
    for (const [at, row] of this.#rows.entries()) {
      if (!moved.has(row)) this.#maker.draw(row, this.#first + at, false);
    }
    if (this.#row_px === 0) this.#measure();
  }

  /** Measures the height of a row. */
  #measure(): void {
    const row_px = this.#rows[0]?.offsetHeight ?? 0;
    if (row_px === 0 || row_px === this.#row_px) return;
    this.#row_px = row_px;
    this.#rowSizes.disconnect();
    this.#rowSizes.observe(this.#rows[0]!);
    this.#place();
  }

  /** Forgets the drawn rows: their shape has changed. */
  clear(): void {
    for (const row of this.#rows) row.remove();
    this.#rows = [];
    this.#first = this.#row_px = 0;
    this.#rowSizes.disconnect();
  }

  get row_px(): number {
    return this.#row_px || ROW_PX;
  }

  /** Scrolls row `index` into view, below a head of `head_px`. */
  show(index: number, head_px: number): void {
    const top = index * this.row_px;
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (top + this.row_px > scrollTop + clientHeight - head_px) {
      this.#scroller.scrollTop = top + this.row_px - clientHeight + head_px;
    }
    this.#top = this.#scroller.scrollTop;
    this.#place();
  }

  scrollTo(px: number): void {
    this.#scroller.scrollTop = px;
    this.#top = this.#scroller.scrollTop;
  }

  /** Moves the drawn rows to the scroll position; returns those that now show another row. */
  #place(): Set<R> {
    const [first, end] = this.#wanted();
    const moved = new Set<R>();
    this.#resize(end - first, moved);
    const by = first - this.#first;
    this.#first = first;
    if (Math.abs(by) >= this.#rows.length) for (const row of this.#rows) moved.add(row);
    else this.#rotate(by, moved);
    for (const [at, row] of this.#rows.entries()) if (moved.has(row)) this.#maker.draw(row, first + at, true);
    setHeight(this.#above, first * this.row_px);
    setHeight(this.#below, (this.#count - end) * this.row_px);
    return moved;
  }

  #wanted(): [first: number, end: number] {
    if (this.#count <= ALL_COUNT) return [0, this.#count];
    const size = Math.ceil((this.#height || HEIGHT_PX) / this.row_px) + 2 * BEYOND_COUNT;
    // In pairs, so that a slow scroll does not move rows at each pixel.
    const near = Math.floor(this.#top / this.row_px / 2) * 2 - BEYOND_COUNT;
    const first = Math.max(0, Math.min(near, this.#count - size));
    return [first, Math.min(this.#count, first + size)];
  }

  #resize(size: number, moved: Set<R>): void {
    while (this.#rows.length > size) this.#rows.pop()!.remove();
    while (this.#rows.length < size) {
      const row = this.#maker.make();
      this.#rows.push(row);
      this.#below.before(row);
      moved.add(row);
    }
  }

  /** Rows that leave on one side are reused on the other. */
  #rotate(by: number, moved: Set<R>): void {
    for (let n = 0; n < by; n += 1) {
      const row = this.#rows.shift()!;
      this.#rows.push(row);
      this.#below.before(row);
      moved.add(row);
    }
    for (let n = 0; n > by; n -= 1) {
      const row = this.#rows.pop()!;
      this.#rows.unshift(row);
      this.#above.after(row);
      moved.add(row);
    }
  }
}

/** A spacer of a table and one of a list. */
export const tableSpacer = (): HTMLElement => create("tr", { class: "sw-spacer", "aria-hidden": "true" });
export const listSpacer = (): HTMLElement => create("div", { class: "sw-spacer", "aria-hidden": "true" });

function setHeight(element: HTMLElement, px: number): void {
  const height = `${px}px`;
  if (element.style.height !== height) element.style.height = height;
}
