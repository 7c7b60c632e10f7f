/** The states of steps, and the number of steps in each. */

import * as english from "../../words/english.ts";

export type StepState = "running" | "done" | "failed" | "stopped";
export type Counts = { readonly [state in StepState]: number };

export const STEP_STATES: readonly StepState[] = ["running", "done", "failed", "stopped"];

export const stepState = (value: unknown): StepState =>
  STEP_STATES.includes(value as StepState) ? (value as StepState) : "done";

/** `12 running, 40 done, 2 failed`. */
export const countWords = (counts: Counts): string =>
  english.stepCounts(STEP_STATES.map((state) => [state, counts[state]]));

export const totalOf = (counts: Counts): number => STEP_STATES.reduce((sum, state) => sum + counts[state], 0);
