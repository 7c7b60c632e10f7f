/**
 * Tracks whether a model is visible on this page and reports it to the kernel, which sends less often to
 * invisible views. A page that has reported nothing counts as visible.
 */

import type { Clock } from "../base/clock.ts";

/** Delay before a view counts as invisible, because it may be scrolled past quickly. */
const UNSEEN_AFTER_MS = 1000;

export class Sight {
  #told = true;
  readonly #clock: Clock;
  readonly #tell: (seen: boolean) => void;
  /** The elements that show it, and whether they are visible. */
  readonly #eyes = new Map<AbortSignal, boolean>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, tell: (seen: boolean) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Registers an element until the signal aborts; the result reports whether it is visible. */
  look(signal: AbortSignal, seen: boolean): void {
    if (signal.aborted || this.#eyes.get(signal) === seen) return;
    if (!this.#eyes.has(signal)) {
      const gone = (): void => {
        this.#eyes.delete(signal);
        this.#weigh();
      };
      signal.addEventListener("abort", gone, { once: true });
    }
    this.#eyes.set(signal, seen);
    this.#weigh();
  }

  #weigh(): void {
    this.#cancel?.();
    this.#cancel = null;
    const seen = [...this.#eyes.values()].some(Boolean);
    if (seen === this.#told) return;
    if (seen) this.#say(true);
    else this.#cancel = this.#clock.after(UNSEEN_AFTER_MS, () => this.#say(false));
  }

  #say(seen: boolean): void {
    this.#told = seen;
    this.#tell(seen);
  }
}
