/** What the views of one document share. */

import type { Images, Policy } from "../../base/pictures.ts";
import type { Block } from "../parse/block.ts";
import type { Idle } from "../../base/idle.ts";
import type { Growth } from "../parse/inline-parser.ts";
import type { Plugins } from "../plugins.ts";
import type { References } from "../parse/references.ts";

export interface Drawing {
  readonly root: HTMLElement;
  readonly policy: Policy;
  readonly images: Images;
  readonly plugins: Plugins;
  readonly references: References;
  /** Null before the first note that could be drawn. */
  notes: NoteList | null;
  /** Makes the view of a block; passed in, because views of blocks hold views of blocks. */
  readonly makeView: (block: Block, key: string, drawing: Drawing) => View;
  readonly idle: Idle;
  /** What could not be done yet for want of a plugin. */
  readonly late: Set<() => void>;
  /** The number of the unfinished line that is shown for now; 0: there is none. */
  edgeLine: number;
}

/** The footnotes of one document. */
export interface NoteList {
  has(label: string): boolean;
  /** The note of `label` is `item`, which begins in `line`. */
  define(label: string, item: HTMLElement, line: number): void;
  /** A new reference to a note that is defined. */
  refer(label: string): HTMLElement;
  /** Looks, after something was drawn, for references that were removed. */
  check(): void;
  showReference(label: string): void;
}

/** Draws one block, and again whenever it changed. */
export interface View {
  /** Null for what is not drawn in its place. */
  readonly element: HTMLElement | null;
  /** A block with another key needs another view. */
  readonly key: string;
  draw(block: Block): void;
}

/** How much of the block's text is there. */
export const growthOf = (block: Block, { edgeLine }: Drawing): Growth =>
  block.final ? { open: false, edge: false } : { open: true, edge: block.end === edgeLine };
