/** What the Markdown engine can be given from outside. Everything works, plainer, without them. */

/** A piece of code and its class; null where it has none. */
export type Token = readonly [text: string, className: string | null];

/** Null for a language it does not know; else the texts, joined, are the code. */
export type Tokenize = (language: string, code: string) => Token[] | null;

/** Null where it is not available (yet) or the TeX is wrong: the source is shown instead. */
export type RenderMath = (tex: string, display: boolean) => Element | null;

export interface Plugins {
  readonly tokenize?: Tokenize;
  readonly math?: RenderMath;
  /** Called once, when the first formula is shown. */
  readonly onMathSeen?: () => void;
}
