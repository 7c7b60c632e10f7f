/** Tokens per second over the last moments of a run; pure. */

const WINDOW_S = 2;
/** A shorter span of time says more about the network than about the model. */
export const LEAST_SPAN_S = 0.25;

export class RateMeter {
  #samples: { at_s: number; count: number }[] = [];

  /** Notes that `count` tokens had arrived after `at_s` seconds. */
  add(at_s: number, count: number): void {
    const last = this.#samples.at(-1);
    if (last && at_s <= last.at_s) {
      last.count = Math.max(last.count, count);
      return;
    }
    this.#samples.push({ at_s, count });
    this.#trim(at_s);
  }

  /** Tokens per second at the moment `now_s`; null while too little is known. */
  over(now_s: number): number | null {
    this.#trim(now_s);
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.count === 0) return null;
    const span_s = Math.max(now_s, last.at_s) - first.at_s;
    return span_s < LEAST_SPAN_S ? null : (last.count - first.count) / span_s;
  }

  clear(): void {
    this.#samples = [];
  }

  /** Keeps one sample at or before the window's edge, so that a silence counts as a silence. */
  #trim(now_s: number): void {
    while (this.#samples.length > 1 && (this.#samples[1]?.at_s ?? 0) <= now_s - WINDOW_S) {
      this.#samples.shift();
    }
    const first = this.#samples[0];
    if (first && this.#samples.length === 1 && first.at_s < now_s - WINDOW_S) {
      first.at_s = now_s - WINDOW_S;
    }
  }
}

/** Apart enough to be drawn; one more at least each time. */
const APART_S = 0.1;
/** So many are kept; of more, every second. */
const COUNTS_COUNT = 4096;

/** How many tokens had come after how many seconds, over the whole run. */
export class Counts {
  list: (readonly [at_s: number, count: number])[] = [];
  #apart_s = APART_S;

  add(at_s: number, count: number): void {
    if (at_s - (this.list.at(-1)?.[0] ?? -Infinity) < this.#apart_s) return;
    this.list.push([at_s, count]);
    if (this.list.length < COUNTS_COUNT) return;
    this.list = this.list.filter((_, at) => at % 2 === 0);
    this.#apart_s *= 2;
  }

  clear(): void {
    this.list = [];
    this.#apart_s = APART_S;
  }
}
