/**
 * The rate of progress and the time left, smoothed so that neither jumps; pure.
 *
 * The rate is an average over the last seconds whose weight decreases with age. The time left
 * is kept as an estimated end, which moves slowly, so that the display counts down
 * automatically, in steps that grow with the time.
 */

const MEMORY_S = 6;
/** Before this the numbers depend more on the start than on the rate. */
const LEAST_S = 1;
const LEAST_SHARE = 0.005;
/** Samples closer together are joined, because clocks are coarse. */
const APART_S = 0.15;

export class PaceMeter {
  #last: { at_s: number; completed: number } | null = null;
  #begun_s = 0;
  #rate: number | null = null;
  #weight = 0;
  #over_s: number | null = null;
  #shown_s: number | null = null;

  /** `completed` had been reached `at_s` seconds into the run; it began at `started_s`. */
  add(at_s: number, completed: number, started_s: number): void {
    if (this.#last === null || completed < this.#last.completed) this.#restart(started_s, at_s);
    const { at_s: before_s, completed: before } = this.#last!;
    const passed_s = at_s - before_s;
    if (passed_s < APART_S || completed === before) return;
    this.#last = { at_s, completed };
    const fresh = 1 - Math.exp(-passed_s / MEMORY_S);
    this.#weight += (1 - this.#weight) * fresh;
    const share = fresh / this.#weight; // so that the first samples are not pulled towards zero
    const rate = (completed - before) / passed_s;
    this.#rate = this.#rate === null ? rate : this.#rate + (rate - this.#rate) * share;
  }

  /** Per second; null with too few samples. */
  rate(): number | null {
    return this.#last && this.#last.at_s - this.#begun_s >= LEAST_S ? this.#rate : null;
  }

  /** Seconds left at `now_s`, in readable steps; null: unknown. */
  left_s(now_s: number, completed: number, total: number | null): number | null {
    const rate = this.rate();
    if (rate === null || rate <= 0 || total === null || completed < total * LEAST_SHARE) return null;
    const over_s = now_s + Math.max(0, total - completed) / rate;
    this.#over_s = this.#over_s === null ? over_s : this.#over_s + (over_s - this.#over_s) * 0.15;
    const left_s = Math.max(0, this.#over_s - now_s);
    const step_s = stepOf(left_s);
    // Half a step of hysteresis: a value on the border would flip back and forth.
    if (this.#shown_s === null || Math.abs(left_s - this.#shown_s) > step_s * 0.75) {
      this.#shown_s = Math.round(left_s / step_s) * step_s;
    }
    return this.#shown_s;
  }

  #restart(started_s: number, at_s: number): void {
    this.#begun_s = Math.min(started_s, at_s);
    this.#last = { at_s: this.#begun_s, completed: 0 };
    this.#rate = this.#over_s = this.#shown_s = null;
    this.#weight = 0;
  }
}

function stepOf(left_s: number): number {
  if (left_s < 10) return 1;
  if (left_s < 60) return 5;
  return left_s < 600 ? 15 : 60;
}
