/**
 * The keys of a view. Escape stops; keys that scroll move our own scroller while the view itself has the focus.
 *
 * Everything else is left to the page, except that JupyterLab's one-key commands (`d d` deletes
 * the cell) are disabled while text is read, by the attribute `data-lm-suppress-shortcuts`.
 */

import type { Clock } from "../base/clock.ts";
import { setAttribute } from "../base/dom.ts";

const SUPPRESS = "data-lm-suppress-shortcuts";
/** In a run older than this, Escape must be pressed twice to stop it. */
const ASK_AFTER_S = 10;
const AGAIN_WITHIN_MS = 4000;

export interface KeyActs {
  /** Seconds since the run began; null: it is not live. */
  liveFor_s(): number | null;
  stop(): void;
  /** Tells the reader that a second press stops the run. */
  sayAgain(): void;
  /** Scrolls by a key; true if the key scrolls. */
  scroll(key: string): boolean;
}

interface Given {
  view: HTMLElement;
  clock: Clock;
  signal: AbortSignal;
  acts: KeyActs;
}

/** Handles the keys in `view` until `signal` aborts. */
export function listenToKeys({ view, clock, signal, acts }: Given): void {
  let escapedAt = -Infinity;

  const escape = (live_s: number): void => {
    const now = clock.now();
    if (live_s <= ASK_AFTER_S || now - escapedAt < AGAIN_WITHIN_MS) return acts.stop();
    escapedAt = now;
    acts.sayAgain();
  };

  const handled = (event: KeyboardEvent): boolean => {
    const live_s = event.key === "Escape" ? acts.liveFor_s() : null;
    if (live_s === null) return event.target === view && acts.scroll(event.key);
    escape(live_s);
    return true;
  };

  /** Shortcuts such as Ctrl+S are meant for the application, also from here. */
  const letShortcutPass = (): void => {
    setAttribute(view, SUPPRESS, null);
    clock.after(0, () => setAttribute(view, SUPPRESS, "true"));
  };

  setAttribute(view, SUPPRESS, "true");
  const pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return; // a part has used it: one key does one thing
    if (event.ctrlKey || event.metaKey || event.altKey) return letShortcutPass();
    if (!handled(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  view.addEventListener("keydown", pressed, { signal });
}
