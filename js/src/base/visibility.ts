/** Tracks whether an element is visible. An invisible view is drawn by a slow timer, and at once when it reappears. */

import { adoptStyles } from "./styles.ts";

/** A view just outside the window counts as visible, because it soon may be. */
const MARGIN = "200px";

export function watchVisibility(element: Element, changed: (seen: boolean) => void, signal: AbortSignal): void {
  let near = true;
  const tell = (): void => changed(near && document.visibilityState !== "hidden");
  const noted = (entries: IntersectionObserverEntry[]): void => {
    adoptStyles(element); // it is attached now
    near = entries.at(-1)!.isIntersecting;
    tell();
  };
  const observer = new IntersectionObserver(noted, { rootMargin: MARGIN });
  observer.observe(element);
  document.addEventListener("visibilitychange", tell, { signal });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
