/** Optional plug-ins of the Markdown engine. Without them everything works, with plainer results. */

/** A piece of code and its class; null where it has none. */
export type Token = readonly [text: string, className: string | null];

/** The tokens of the next piece of code, which ends at a line end; their texts, joined, are the piece. */
export type Highlighter = (code: string) => Token[];

/** Null if the TeX is invalid: the source is shown instead. */
export type RenderMath = (tex: string, display: boolean) => Element | null;

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
