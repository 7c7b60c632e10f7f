/** What the states of a run mean. */

import type { RunState } from "./wire.ts";

const FINAL: ReadonlySet<string> = new Set<RunState>(["finished", "stopped", "failed"]);

export const isFinal = (state: string): boolean => FINAL.has(state);
