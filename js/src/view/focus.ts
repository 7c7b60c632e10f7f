/** Keeps the focus in the view when the focused button is hidden, disabled or removed. */

import { focusedIn } from "../base/dom.ts";

/** Runs `draw`; if that took the focused element from `view`, the view itself has the focus after it. */
export function keepFocus(view: HTMLElement, draw: () => void): void {
  const before = focusedIn(view);
  const ours = before !== null && before !== view && view.contains(before);
  draw();
  if (!ours || !isLost(before, view)) return;
  const now = focusedIn(view);
  if (now === null || now === before || now === document.body) view.focus({ preventScroll: true });
}

const isLost = (element: Element, view: HTMLElement): boolean => {
  if (element.matches(":disabled") || element.closest("[hidden]") !== null) return true;
  return !view.contains(element);
};
