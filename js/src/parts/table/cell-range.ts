/** The cursor of a table, how keys move it, and the cells between it and its anchor; pure. */

/** A cell by its displayed position: row and column count from 0. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface CellRange {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export interface Size {
  readonly rows: number;
  readonly columns: number;
  /** Rows of a page. */
  readonly page: number;
}

export const rangeBetween = (a: Cell, b: Cell): CellRange => ({
  top: Math.min(a.row, b.row),
  bottom: Math.max(a.row, b.row),
  left: Math.min(a.column, b.column),
  right: Math.max(a.column, b.column),
});

/** The position to which `key` moves the cursor; null for other keys. The first key enters at the first cell. */
export function moved(from: Cell | null, key: string, far: boolean, { rows, columns, page }: Size): Cell | null {
  const { row, column } = from ?? { row: -1, column: 0 };
  const to: { readonly [key: string]: readonly [row: number, column: number] } = {
    ArrowUp: [far ? 0 : row - 1, column],
    ArrowDown: [far ? rows : row + 1, column],
    ArrowLeft: [row, far ? 0 : column - 1],
    ArrowRight: [row, far ? columns : column + 1],
    PageUp: [row - page, column],
    PageDown: [row + page, column],
    Home: [far ? 0 : row, 0],
    End: [far ? rows : row, columns],
  };
  const next = to[key];
  if (!next || rows === 0 || columns === 0) return null;
  const within = (n: number, count: number): number => Math.max(0, Math.min(count - 1, n));
  return { row: within(next[0], rows), column: within(next[1], columns) };
}

/** Cells as text for spreadsheets: tabs between columns, no tab or line end within a cell. */
export const tsvOf = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => cells.map((cell) => cell.replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");
