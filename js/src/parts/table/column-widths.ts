/** The widths of a table's columns: by their content and the room, or as the reader set them; pure. */

import { isNumeric } from "./cells.ts";
import type { Column } from "./cells.ts";

/** Padding of a cell, and space for the sort mark. */
const MORE_PX = 40;
/** Approximate size of `1ch` in a cell; the real unit sets the widths. */
const CH_PX = 8;
/** Assumed until the table has been laid out. */
const ROOM_PX = 640;
/** A table that is narrower than this share of its container is not stretched. */
const FILLS_SHARE = 0.85;
/** The width to which text columns shrink before the table scrolls. */
const SQUEEZED_CH = 26;

interface Given {
  columns: readonly Column[];
  /** The width of each column's content, in the unit `ch`. */
  chars: readonly number[];
  /** The reader's widths in CSS pixels; null: none. */
  own_px: readonly (number | null)[];
  /** The room for the table in CSS pixels; 0 until it has been laid out. */
  room_px: number;
}

interface Widths {
  /** CSS lengths of the columns. */
  readonly columns: readonly string[];
  /** The CSS length of all of them. */
  readonly table: string;
  /** The table leaves so much room that it is not stretched. */
  readonly isNarrow: boolean;
}

export function widthsOf({ columns, chars, own_px, room_px }: Given): Widths {
  const all_px = room_px || ROOM_PX;
  const room = all_px / CH_PX - columns.length * (MORE_PX / CH_PX);
  const shown = fitted(columns, chars, room);
  const lengths = shown.map((n, at) => {
    const px = own_px[at] ?? null;
    return px === null ? `calc(${n.toFixed(1)} * 1ch + ${MORE_PX}px)` : `${px}px`;
  });
  const total = shown.reduce((sum, n, at) => sum + ((own_px[at] ?? null) === null ? n : 0), 0);
  const total_px = shown.reduce((sum, _, at) => sum + (own_px[at] ?? MORE_PX), 0);
  return { columns: lengths, table: `calc(${total.toFixed(1)} * 1ch + ${total_px}px)`, isNarrow: total * CH_PX + total_px < all_px * FILLS_SHARE };
}

/** The widths within `room` ch: text columns shrink, numbers and dates do not. */
function fitted(columns: readonly Column[], chars: readonly number[], room: number): number[] {
  const total = chars.reduce((sum, n) => sum + n, 0);
  const gives = (n: number, at: number): number =>
    isNumeric(columns[at]!) || columns[at]!.type.startsWith("date") ? 0 : Math.max(0, n - SQUEEZED_CH);
  const most = chars.reduce((sum, n, at) => sum + gives(n, at), 0);
  const share = most === 0 ? 0 : Math.min(1, Math.max(0, (total - room) / most));
  return chars.map((n, at) => n - gives(n, at) * share);
}
