/** Whether an element can be seen. What nobody sees is drawn by a slow timer, and at once when it comes back. */

/** A view a little below the edge is drawn as if it were seen: it will be, in a moment. */
const MARGIN = "200px";

export function watchVisibility(element: Element, changed: (seen: boolean) => void, signal: AbortSignal): void {
  const observer = new IntersectionObserver(
    (entries) => changed(entries.at(-1)!.isIntersecting),
    { rootMargin: MARGIN },
  );
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
