/** The menu of a column. */

import type { Item } from "../../base/menu.ts";
import type { ColumnLayout } from "./column-layout.ts";
import type { Sort } from "./row-order.ts";
import * as english from "../../words/english.ts";

const STEP_PX = 40;

interface Given {
  column: number;
  layout: ColumnLayout;
  /** Its current width in CSS pixels. */
  width_px: number;
  /** Sorts by it; with `add`, in addition to the other columns. */
  sort(sort: Sort, add: boolean): void;
  openFilter(): void;
  /** The layout has changed. */
  changed(): void;
}

export function columnItems({ column, layout, width_px, sort, openFilter, changed }: Given): Item[] {
  const act = (words: string, call: () => void): Item => ({
    words,
    act: () => {
      call();
      changed();
    },
  });
  const pinned = layout.isPinned(column);
  const hidden = layout.hidden_count;
  return [
    { words: english.SORT_ASCENDING, act: () => sort({ column, descending: false }, false) },
    { words: english.SORT_DESCENDING, act: () => sort({ column, descending: true }, false) },
    { words: english.THEN_ASCENDING, act: () => sort({ column, descending: false }, true) },
    { words: english.THEN_DESCENDING, act: () => sort({ column, descending: true }, true) },
    { words: english.FILTER_COLUMN, act: openFilter },
    act(pinned ? english.UNPIN : english.PIN, () => layout.setPinned(column, !pinned)),
    act(english.MOVE_LEFT, () => layout.move(column, -1)),
    act(english.MOVE_RIGHT, () => layout.move(column, 1)),
    act(english.WIDER, () => layout.resize(column, width_px + STEP_PX)),
    act(english.NARROWER, () => layout.resize(column, width_px - STEP_PX)),
    act(english.FIT, () => layout.resize(column, null)),
    act(english.HIDE, () => layout.hide(column)),
    ...(hidden > 0 ? [act(english.showColumns(hidden), () => layout.showAll())] : []),
  ];
}
