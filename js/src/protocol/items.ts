/**
 * The items of a part: a list that grows at its end and whose old items may be replaced; a
 * part with `keep` has only the newest. Pure.
 *
 * Positions count from the first item ever extended. What is kept depends on how many items there
 * were, so that joining two extends into one changes nothing.
 */

import type { Json } from "./wire.ts";

export interface Items {
  /** The kept items; a put replaces an entry and never mutates it, so readers may compare entries. */
  list: Json[];
  /** Number of items dropped before the first of `list`. */
  dropped: number;
  /** Increases when the whole list is replaced, so that a renderer starts again. */
  generation: number;
}

/** Number of dropped items, of `total` ever added, so that about the newest `keep` stay. */
export function droppedOf(total: number, keep: number): number {
  const block = Math.max(1, Math.floor(keep / 4));
  return total > keep ? Math.min(total, Math.ceil((total - keep) / block) * block) : 0;
}

export function extendItems(items: Items, more: readonly Json[]): void {
  for (const item of more) items.list.push(item);
}

export function putItems(items: Items, puts: readonly Json[]): void {
  for (const put of puts) {
    if (!Array.isArray(put) || typeof put[0] !== "number") continue;
    const at = put[0] - items.dropped;
    if (Number.isInteger(at) && at >= 0 && at < items.list.length) items.list[at] = put[1] ?? null;
  }
}

/** Drops items beyond `keep`; none if it is not a whole number. */
export function trimItems(items: Items, keep: Json | undefined): void {
  if (typeof keep !== "number" || !Number.isInteger(keep) || keep < 0) return;
  const more = droppedOf(items.dropped + items.list.length, keep) - items.dropped;
  if (more <= 0) return;
  items.list.splice(0, more);
  items.dropped += more;
}
