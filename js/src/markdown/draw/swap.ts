/** Replaces a drawn element by another view of the same content. */

/** The node of each element; an equal node needs no new element. */
export const drawnFrom = new WeakMap<Node, string>();

/** Replaces a placeholder by the element that can now be created. */
export function swap(old: Element, fresh: Element): void {
  if (old === fresh) return;
  const from = drawnFrom.get(old);
  if (from !== undefined) drawnFrom.set(fresh, from);
  old.replaceWith(fresh);
}
