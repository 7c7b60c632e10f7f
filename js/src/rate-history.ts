/** The token rate over a whole run; pure. */

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

  /** Tokens per second of each span that is over. */
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
