/** Replacing a drawn element by one that shows the same in another way. */

/** What each element was made from; an equal node needs no other element. */
export const drawnFrom = new WeakMap<Node, string>();

/** Puts what could be made only now in the place of what was shown until then. */
export function swap(old: Element, fresh: Element): void {
  if (old === fresh) return;
  const from = drawnFrom.get(old);
  if (from !== undefined) drawnFrom.set(fresh, from);
  old.replaceWith(fresh);
}
