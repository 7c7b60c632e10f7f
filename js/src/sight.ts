/**
 * Whether anybody sees what a model shows, on this page: the kernel is told, and sends seldom where nobody
 * does.
 */

import type { Clock } from "./clock.ts";

/** Scrolled past is not out of sight for long. */
const UNSEEN_AFTER_MS = 1000;

export class Sight {
  /** What the kernel was told last; it takes a page that said nothing for one that looks. */
  told = true;
  readonly #clock: Clock;
  readonly #tell: (seen: boolean) => void;
  /** Who shows it, and whether that can be seen. */
  readonly #eyes = new Map<AbortSignal, boolean>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, tell: (seen: boolean) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Somebody shows it until the signal aborts; to be called with whether that can be seen. */
  open(signal: AbortSignal): (seen: boolean) => void {
    const set = (seen: boolean): void => {
      if (!signal.aborted) this.#eyes.set(signal, seen);
      this.#look();
    };
    signal.addEventListener("abort", () => void (this.#eyes.delete(signal) && this.#look()), { once: true });
    set(true);
    return set;
  }

  #look(): void {
    this.#cancel?.();
    this.#cancel = null;
    const seen = [...this.#eyes.values()].some(Boolean);
    if (seen === this.told) return;
    if (seen) this.#say(true);
    else this.#cancel = this.#clock.after(UNSEEN_AFTER_MS, () => this.#say(false));
  }

  #say(seen: boolean): void {
    this.told = seen;
    this.#tell(seen);
  }
}
