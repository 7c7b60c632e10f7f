/** What the menu of a column offers. */

import type { Item } from "../../base/menu.ts";
import { counted } from "../../words/format.ts";
import type { ColumnLayout } from "./column-layout.ts";
import type { Sort } from "./row-order.ts";

const STEP_PX = 40;

interface Given {
  column: number;
  layout: ColumnLayout;
  /** The width that it has now, in CSS pixels. */
  width_px: number;
  /** Sorts by it, beside the others if `add`. */
  sort(sort: Sort, add: boolean): void;
  openFilter(): void;
  /** The layout is another one. */
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
    { words: "Sort ascending", act: () => sort({ column, descending: false }, false) },
    { words: "Sort descending", act: () => sort({ column, descending: true }, false) },
    { words: "Then by this, ascending", act: () => sort({ column, descending: false }, true) },
    { words: "Then by this, descending", act: () => sort({ column, descending: true }, true) },
    { words: "Filter…", act: openFilter },
    act(pinned ? "Unpin" : "Pin", () => layout.setPinned(column, !pinned)),
    act("Move left", () => layout.move(column, -1)),
    act("Move right", () => layout.move(column, 1)),
    act("Wider", () => layout.resize(column, width_px + STEP_PX)),
    act("Narrower", () => layout.resize(column, width_px - STEP_PX)),
    act("Fit to content", () => layout.resize(column, null)),
    act("Hide", () => layout.hide(column)),
    ...(hidden > 0 ? [act(`Show ${counted(hidden, "hidden column")}`, () => layout.showAll())] : []),
  ];
}
