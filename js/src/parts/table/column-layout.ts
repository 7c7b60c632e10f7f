/** The layout of columns: which are shown, their order, width and pinning; pure. */

/** A narrower column could not be read or dragged. */
const LEAST_PX = 48;
const MOST_PX = 1200;

export class ColumnLayout {
  #order: number[] = [];
  readonly #hidden = new Set<number>();
  readonly #pinned = new Set<number>();
  readonly #widths_px = new Map<number, number>();

  /** Sets the number of columns; new ones are added at the end. */
  take(count: number): void {
    this.#order = this.#order.filter((column) => column < count);
    for (let column = this.#order.length; column < count; column += 1) this.#order.push(column);
    for (const known of [this.#hidden, this.#pinned]) for (const column of known) if (column >= count) known.delete(column);
  }

  /** The columns that are shown, pinned ones first. */
  get shown(): number[] {
    const visible = this.#order.filter((column) => !this.#hidden.has(column));
    return [...visible.filter((column) => this.#pinned.has(column)), ...visible.filter((column) => !this.#pinned.has(column))];
  }

  get hidden_count(): number {
    return this.#hidden.size;
  }

  isPinned(column: number): boolean {
    return this.#pinned.has(column);
  }

  setPinned(column: number, pinned: boolean): void {
    if (pinned) this.#pinned.add(column);
    else this.#pinned.delete(column);
  }

  /** Hides a column; the last visible one stays. */
  hide(column: number): void {
    if (this.shown.length > 1) this.#hidden.add(column);
  }

  showAll(): void {
    this.#hidden.clear();
  }

  /** Moves a column to a place among those shown, counted from 0; pinned columns stay before the others. */
  moveTo(column: number, place: number): void {
    const shown = this.shown;
    const group = shown.filter((other) => this.isPinned(other) === this.isPinned(column));
    const others = group.filter((other) => other !== column);
    if (others.length === 0) return;
    const to = Math.max(0, place - shown.indexOf(group[0]!));
    this.#order.splice(this.#order.indexOf(column), 1);
    const after = others[to - 1] ?? others.at(-1)!;
    this.#order.splice(to === 0 ? this.#order.indexOf(others[0]!) : this.#order.indexOf(after) + 1, 0, column);
  }

  /** Moves a column by one place; one at the edge of its group stays. */
  move(column: number, by: -1 | 1): void {
    this.moveTo(column, this.shown.indexOf(column) + by);
  }

  /** The width that the reader gave a column, in CSS pixels; null: none. */
  width_px(column: number): number | null {
    return this.#widths_px.get(column) ?? null;
  }

  /** Sets the width; null: that of the content. */
  resize(column: number, px: number | null): void {
    if (px === null) this.#widths_px.delete(column);
    else this.#widths_px.set(column, Math.min(MOST_PX, Math.max(LEAST_PX, Math.round(px))));
  }
}
