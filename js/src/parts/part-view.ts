/** The interface of every renderer, and the context that the view gives it. */

import type { Options } from "../markdown/engine.ts";
import type { Controls } from "../protocol/controls.ts";
import type { Part } from "../protocol/patch.ts";
import type { Model } from "../protocol/wire.ts";

/** The view, as far as a renderer may use it. */
export interface Context {
  /** Seconds since the run began; null before that. */
  elapsed_s(): number | null;
  /** True if the run is live, as far as this page knows. */
  alive(): boolean;
  /** True if the reader is at the end: then content above can fold without moving what is being read. */
  following(): boolean;
  /** Requests a file from the kernel, and downloads or copies it; a sentence if that failed. */
  take(what: ExportKind, use: "copy" | "save", partId?: string): Promise<string | null>;
  /** The questions and knobs of the run. */
  readonly controls: Controls;
  /** Another model of this widget manager, by `IPY_MODEL_<id>`. */
  model(reference: string): Promise<Model>;
  /** Announces something to screen readers. */
  say(words: string): void;
  /** Announces the result of a key press to screen readers, at once. */
  answer(words: string): void;
  /** Aborts when the view is removed. */
  readonly signal: AbortSignal;
  /** How Markdown is shown. */
  readonly markdown: Options;
}

export type ExportKind = "markdown" | "html" | "jsonl" | "csv";

export interface Mounted {
  readonly element: HTMLElement;
  /** Draws the changes of the part; the work depends on them, not on the length of the part. */
  update(part: Part): void;
  /** Time has passed; called a few times each second while the part is open and the run is live. */
  tick?(elapsed_s: number): void;
  dispose(): void;
}

/** Creates the element of one part. */
export type Renderer = (part: Part, context: Context) => Mounted;

/** The same context for one part: its signal aborts when the part is removed, or the view. */
export function withSignal(context: Context, signal: AbortSignal): Context {
  return Object.create(context, { signal: { value: signal, enumerable: true } }) as Context;
}
