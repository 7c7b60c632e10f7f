/**
 * Whether anybody sees what a model shows, on this page: the kernel is told, and sends seldom where nobody
 * does. It takes a page that has said nothing for one that looks.
 */

import type { Clock } from "../base/clock.ts";

/** Scrolled past is not out of sight for long. */
const UNSEEN_AFTER_MS = 1000;

export class Sight {
  #told = true;
  readonly #clock: Clock;
  readonly #tell: (seen: boolean) => void;
  /** Who shows it, and whether that can be seen. */
  readonly #eyes = new Map<AbortSignal, boolean>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, tell: (seen: boolean) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Who shows it until the signal aborts says whether that can be seen. */
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
