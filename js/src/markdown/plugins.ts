/** What the Markdown engine can be given from outside. Everything works, plainer, without them. */

/** A piece of code and its class; null where it has none. */
export type Token = readonly [text: string, className: string | null];

/** The tokens of the next piece of code, which ends at a line end; their texts, joined, are the piece. */
export type Highlighter = (code: string) => Token[];

/** Null where the TeX is wrong: the source is shown instead. */
export type RenderMath = (tex: string, display: boolean) => Element | null;

export interface Plugins {
  /**
   * A highlighter for one block; null for a language it does not know. Undefined until it has come: the call
   * asks for it.
   */
  readonly highlighter?: (language: string) => Highlighter | null | undefined;
  /** Asks for what sets formulas; null until it has come. */
  readonly math?: () => RenderMath | null;
  /** Has `again` called whenever more has become available; what it gives ends that. */
  readonly whenMore?: (again: () => void) => () => void;
}
