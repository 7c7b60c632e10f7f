/** What the views of one document share. */

import type { Images } from "../../pictures.ts";
import type { Policy } from "../../safety.ts";
import type { Block } from "../block.ts";
import type { Idle } from "../idle.ts";
import type { Growth } from "../inline.ts";
import type { Plugins } from "../plugins.ts";
import type { References } from "../references.ts";
import type { Notes } from "./notes.ts";

export interface Drawing {
  readonly root: HTMLElement;
  readonly policy: Policy;
  readonly images: Images;
  readonly plugins: Plugins;
  readonly references: References;
  /** Null before the first note that could be drawn. */
  notes: Notes | null;
  readonly idle: Idle;
  /** What could not be done yet for want of a plugin. */
  readonly late: Set<() => void>;
  /** The number of the unfinished line that is shown for now; 0: there is none. */
  edgeLine: number;
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
