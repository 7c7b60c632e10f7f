/** The shape of every renderer, and what it may know of the view that it draws in. */

import type { Options } from "../markdown/engine.ts";
import type { Part } from "../patch.ts";

export interface Context {
  /** Seconds since the run began; null before that. */
  elapsed_s(): number | null;
  /** How many steps are around the step `id`. */
  depthOf(stepId: string): number;
  /** How Markdown is shown. */
  readonly markdown: Options;
}

export interface Mounted {
  readonly element: HTMLElement;
  /** Draws what is new in the part; the work depends on that, not on how long the part is. */
  update(part: Part): void;
  /** Time went by; called a few times each second while the run is alive. */
  tick?(elapsed_s: number): void;
  dispose(): void;
}

/** Makes the element of one part. */
export type Renderer = (part: Part, context: Context) => Mounted;
