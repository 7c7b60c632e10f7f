/** Tokens per second: over the last seconds of a run, and over all of it; pure. */

const WINDOW_S = 2;
/** A shorter span of time measures the network rather than the model. */
export const LEAST_SPAN_S = 0.25;

export class RateMeter {
  #samples: { at_s: number; count: number }[] = [];

  /** Records that `count` tokens had arrived after `at_s` seconds. */
  add(at_s: number, count: number): void {
    const last = this.#samples.at(-1);
    if (last && at_s <= last.at_s) {
      last.count = Math.max(last.count, count);
      return;
    }
    this.#samples.push({ at_s, count });
    this.#trim(at_s);
  }

  /** Tokens per second at `now_s`; null with too few samples. */
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

const BUCKETS_COUNT = 48;
const FIRST_BUCKET_S = 0.5;

/** Tokens in each span of the run, from its start; the spans double when there are too many. */
export class RateHistory {
  bucket_s = FIRST_BUCKET_S;
  #buckets: number[] = [];
  #count = 0;

  /** `count` tokens had arrived after `at_s` seconds. */
  add(at_s: number, count: number): void {
    const more = count - this.#count;
    this.#count = count;
    if (more < 0 || !(at_s >= 0)) return;
    while (at_s >= this.bucket_s * BUCKETS_COUNT) this.#double();
    const at = Math.floor(at_s / this.bucket_s);
    while (this.#buckets.length <= at) this.#buckets.push(0);
    this.#buckets[at]! += more;
  }

  /** Tokens per second of each complete span. */
  rates(): number[] {
    return this.#buckets.slice(0, -1).map((count) => count / this.bucket_s);
  }

  clear(): void {
    this.#buckets = [];
    this.#count = 0;
    this.bucket_s = FIRST_BUCKET_S;
  }

  #double(): void {
    const half = Math.ceil(this.#buckets.length / 2);
    this.#buckets = Array.from({ length: half }, (_, at) => this.#buckets[2 * at]! + (this.#buckets[2 * at + 1] ?? 0));
    this.bucket_s *= 2;
  }
}
