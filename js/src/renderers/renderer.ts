/** The shape of every renderer, and what it may know of the view that it draws in. */

import type { Part } from "../patch.ts";
import type { Counts } from "../family.ts";
import type { Model } from "../wire.ts";

/** What a renderer may know of the view, and ask of it. */
export interface Context {
  /** Seconds since the run began; null before that. */
  elapsed_s(): number | null;
  /** Whether the run goes on, as far as this page knows. */
  alive(): boolean;
  /** Whether the reader is at the end: then what lies above may fold without moving what is read. */
  following(): boolean;
  /** Starts the run again; null where the source cannot. */
  retry(): (() => void) | null;
  /** Has the kernel write a file, and saves or copies it; a sentence if that failed. */
  take(what: ExportKind, use: "copy" | "save", partId?: string): Promise<string | null>;
  /** Another model of this widget manager, by `IPY_MODEL_<id>`. */
  model(reference: string): Promise<Model>;
  /** Says something to screen readers, once. */
  say(words: string): void;
  /** Aborts when the view goes. */
  readonly signal: AbortSignal;
}

export type ExportKind = "markdown" | "html" | "jsonl" | "csv";

export interface Mounted {
  readonly element: HTMLElement;
  /** Draws what is new in the part; the work depends on that, not on how long the part is. */
  update(part: Part): void;
  /** Time went by; called a few times each second while the part is open and the run is alive. */
  tick?(elapsed_s: number): void;
  dispose(): void;
  /** Of a step: where the parts inside it go. */
  readonly list?: HTMLElement;
  /** Of a step: what is inside it has changed. */
  family?(counts: Counts, holds: Holds): void;
}

/** What a step holds, itself or through its steps, that must not be folded away unasked. */
export interface Holds {
  /** The answer itself, or a failure: never folded away. */
  answers: boolean;
  /** Something to look at: folded away only when a one-line result stands for it. */
  results: boolean;
}

/** Makes the element of one part. */
export type Renderer = (part: Part, context: Context) => Mounted;
