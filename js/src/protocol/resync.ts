/** Requests patches that are missing, with growing intervals, until they have arrived. */

import type { Clock } from "../base/clock.ts";

const AT_MOST_EVERY_MS = 200;
const SLOWEST_MS = 3200;

export class Resync {
  readonly #clock: Clock;
  readonly #isBehind: () => boolean;
  readonly #ask: () => void;
  #cancel: (() => void) | null = null;
  #askedAt = -Infinity;
  #wait_ms = AT_MOST_EVERY_MS;

  /** `isBehind`: true while patches are missing. `ask` requests them. */
  constructor(clock: Clock, isBehind: () => boolean, ask: () => void) {
    this.#clock = clock;
    this.#isBehind = isBehind;
    this.#ask = ask;
  }

  /** Call it after each message. */
  check(): void {
    if (!this.#isBehind()) return this.clear();
    if (this.#cancel) return;
    const wait_ms = Math.max(0, this.#askedAt + AT_MOST_EVERY_MS - this.#clock.now());
    if (wait_ms > 0) this.#checkIn(wait_ms);
    else this.#askNow();
  }

  /** Patches have arrived: the next request waits the shortest time. */
  progressed(): void {
    this.#wait_ms = AT_MOST_EVERY_MS;
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #askNow(): void {
    this.#askedAt = this.#clock.now();
    this.#checkIn(this.#wait_ms);
    this.#wait_ms = Math.min(this.#wait_ms * 2, SLOWEST_MS);
    this.#ask();
  }

  #checkIn(wait_ms: number): void {
    this.#cancel = this.#clock.after(wait_ms, () => {
      this.#cancel = null;
      this.check();
    });
  }
}
