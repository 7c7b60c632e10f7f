/**
 * Finds the steps of one list that ran side by side. Pure; the work for a step does not depend on how many others are open.
 *
 * Steps start in document order, so a step that ended before another one started never runs beside a later one.
 */

import { finite } from "../base/safety.ts";
import { stepState } from "../parts/step/step.ts";
import type { Part } from "../protocol/patch.ts";

interface Ended {
  readonly id: string;
  readonly ended_s: number;
}

export class SideBySide {
  readonly #running = new Set<string>();
  /** Ended steps that may have run beside a later one; the first to end is last. */
  readonly #ended: Ended[] = [];
  #most_count = 0;

  /** The greatest number of steps that ran at the same time. */
  get most_count(): number {
    return this.#most_count;
  }

  /** Adds a step; returns the IDs of the steps that are now known to have run beside another, each of them once. */
  add(step: Part): readonly string[] {
    const started_s = finite(step.fields["started_s"]) ?? Infinity;
    while (this.#ended.length > 0 && this.#ended.at(-1)!.ended_s <= started_s) this.#ended.pop();
    const others_count = this.#running.size + this.#ended.length;
    const only = others_count === 1 ? [...this.#running, ...this.#ended.map(({ id }) => id)] : [];
    this.#most_count = Math.max(this.#most_count, others_count + 1);
    this.#put(step);
    return others_count === 0 ? [] : [...only, step.id];
  }

  /** Notes that the state of a step has changed. */
  change(step: Part): void {
    if (this.#running.delete(step.id)) this.#put(step);
  }

  remove(id: string): void {
    this.#running.delete(id);
  }

  #put({ id, fields }: Part): void {
    const ended_s = finite(fields["ended_s"]);
    if (ended_s !== null) this.#ended.splice(this.#placeOf(ended_s), 0, { id, ended_s });
    else if (stepState(fields["state"]) === "running") this.#running.add(id);
  }

  /** The place of an ending among the others, by bisection. */
  #placeOf(ended_s: number): number {
    let [low, high] = [0, this.#ended.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ended[middle]!.ended_s > ended_s) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
