/**
 * How fast something goes on and how long it will still take, smoothed so that neither jumps; pure.
 *
 * The rate is an average over the last seconds whose weight falls off with age. The time that is left
 * is kept as a moment at which it will be over, which moves slowly, so that what is shown counts down
 * by itself and is read off in steps that grow with the time.
 */

const MEMORY_S = 6;
/** Below this the first numbers say more about the start than about the pace. */
const LEAST_S = 1;
const LEAST_SHARE = 0.005;
/** Samples nearer to each other are joined: clocks are coarse. */
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
    const share = fresh / this.#weight; // the first samples are not drawn towards nothing
    const rate = (completed - before) / passed_s;
    this.#rate = this.#rate === null ? rate : this.#rate + (rate - this.#rate) * share;
  }

  /** Per second; null while too little is known. */
  rate(): number | null {
    return this.#last && this.#last.at_s - this.#begun_s >= LEAST_S ? this.#rate : null;
  }

  /** Seconds that are left at the moment `now_s`, in steps one can read; null: not known. */
  left_s(now_s: number, completed: number, total: number | null): number | null {
    const rate = this.rate();
    if (rate === null || rate <= 0 || total === null || completed < total * LEAST_SHARE) return null;
    const over_s = now_s + Math.max(0, total - completed) / rate;
    this.#over_s = this.#over_s === null ? over_s : this.#over_s + (over_s - this.#over_s) * 0.15;
    const left_s = Math.max(0, this.#over_s - now_s);
    const step_s = stepOf(left_s);
    // Half a step of play: a value on the border would go to and fro.
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
