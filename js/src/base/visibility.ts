/** Whether an element can be seen. What nobody sees is drawn by a slow timer, and at once when it comes back. */

import { adoptStyles } from "./styles.ts";

/** A view a little below the edge is drawn as if it were seen: it will be, in a moment. */
const MARGIN = "200px";

export function watchVisibility(element: Element, changed: (seen: boolean) => void, signal: AbortSignal): void {
  let near = true;
  const tell = (): void => changed(near && document.visibilityState !== "hidden");
  const noted = (entries: IntersectionObserverEntry[]): void => {
    adoptStyles(element); // it stands in its place now
    near = entries.at(-1)!.isIntersecting;
    tell();
  };
  const observer = new IntersectionObserver(noted, { rootMargin: MARGIN });
  observer.observe(element);
  document.addEventListener("visibilitychange", tell, { signal });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
