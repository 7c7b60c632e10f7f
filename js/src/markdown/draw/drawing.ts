/** The state that the views of one document share. */

import type { Images, Policy } from "../../base/pictures.ts";
import type { Block } from "../parse/block.ts";
import type { Idle } from "../../base/idle.ts";
import type { Growth } from "../parse/inline-parser.ts";
import type { References } from "../parse/references.ts";

/** A piece of code and its class; null where it has none. */
export type Token = readonly [text: string, className: string | null];

/** The tokens of the next piece of code, which ends at a line end; their texts, joined, are the piece. */
export type Highlighter = (code: string) => Token[];

/** Null if the TeX is invalid: the source is shown instead. */
export type RenderMath = (tex: string, display: boolean) => Element | null;

/** Optional plug-ins. Without them everything works, with plainer results. */
export interface Plugins {
  /**
   * A highlighter for one block; null for an unknown language. Undefined until it is loaded: the call
   * asks for it.
   */
  readonly highlighter?: (language: string) => Highlighter | null | undefined;
  /** The renderer of formulas, which the call requests; null until it is loaded. */
  readonly math?: () => RenderMath | null;
  /** Calls `again` whenever more plug-ins are loaded; the result unsubscribes. */
  readonly whenMore?: (again: () => void) => () => void;
}

export interface Drawing {
  readonly root: HTMLElement;
  readonly policy: Policy;
  readonly images: Images;
  readonly plugins: Plugins;
  readonly references: References;
  /** Null before the first footnote. */
  notes: NoteList | null;
  /** Creates the view of a block; passed in, because views of blocks contain views of blocks. */
  readonly makeView: (block: Block, key: string, drawing: Drawing) => View;
  readonly idle: Idle;
  /** Work that waits for a plugin. */
  readonly late: Set<() => void>;
  /** The number of the unfinished line that is shown; 0: there is none. */
  edgeLine: number;
}

/** The footnotes of one document. */
export interface NoteList {
  has(label: string): boolean;
  /** The note of `label` is `item`, which begins in `line`. */
  define(label: string, item: HTMLElement, line: number): void;
  /** Adds a reference to a defined note. */
  refer(label: string): HTMLElement;
  /** Checks for removed references after a change. */
  check(): void;
  showReference(label: string): void;
}

/** Draws one block, and redraws it after each change. */
export interface View {
  /** Null for a block that is drawn elsewhere. */
  readonly element: HTMLElement | null;
  /** A block with another key needs another view. */
  readonly key: string;
  draw(block: Block): void;
}

/** Whether the block's text is complete. */
export const growthOf = (block: Block, { edgeLine }: Drawing): Growth =>
  block.final ? { open: false, edge: false } : { open: true, edge: block.end === edgeLine };

/** The node of each element; an equal node needs no new element. */
export const drawnFrom = new WeakMap<Node, string>();

/** Replaces a placeholder by the element that can now be created. */
export function swap(old: Element, fresh: Element): void {
  if (old === fresh) return;
  const from = drawnFrom.get(old);
  if (from !== undefined) drawnFrom.set(fresh, from);
  old.replaceWith(fresh);
}
