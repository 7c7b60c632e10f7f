/** Keeps the focus in the view when the focused button is hidden, disabled or removed. */

/** Runs `draw`; if that removed the focused element from `view`, focuses the view itself. */
export function keepFocus(view: HTMLElement, draw: () => void): void {
  const before = focusedIn(view);
  const ours = before !== null && before !== view && view.contains(before);
  draw();
  if (!ours || !isLost(before, view)) return;
  const now = focusedIn(view);
  if (now === null || now === before || now === document.body) view.focus({ preventScroll: true });
}

/** The focused element in the document or shadow root of `view`; null: none, or `view` is not attached. */
function focusedIn(view: HTMLElement): Element | null {
  const root = view.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
}

const isLost = (element: Element, view: HTMLElement): boolean => {
  if (element.matches(":disabled") || element.closest("[hidden]") !== null) return true;
  return !view.contains(element);
};
