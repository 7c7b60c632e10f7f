/** The shape of every renderer, and what it may know of the view that it draws in. */

import type { Options } from "../markdown/engine.ts";
import type { Part } from "../protocol/patch.ts";
import type { Model } from "../protocol/wire.ts";

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
  /** Answers a key of the reader's to screen readers, at once. */
  answer(words: string): void;
  /** Aborts when the view goes. */
  readonly signal: AbortSignal;
  /** How Markdown is shown. */
  readonly markdown: Options;
}

export type ExportKind = "markdown" | "html" | "jsonl" | "csv";

export interface Mounted {
  readonly element: HTMLElement;
  /** Draws what is new in the part; the work depends on that, not on how long the part is. */
  update(part: Part): void;
  /** Time went by; called a few times each second while the part is open and the run is alive. */
  tick?(elapsed_s: number): void;
  /** The run has another state now. */
  status?(): void;
  dispose(): void;
}

/** Makes the element of one part. */
export type Renderer = (part: Part, context: Context) => Mounted;

/** The same context for one part: its signal aborts when the part is removed, or the view. */
export function withSignal(context: Context, signal: AbortSignal): Context {
  return Object.create(context, { signal: { value: signal, enumerable: true } }) as Context;
}
