/** What the Markdown engine can be given from outside. Everything works, plainer, without them. */

/** A piece of code and its class; null where it has none. */
export type Token = readonly [text: string, className: string | null];

/** Null for a language it does not know; else the texts, joined, are the code. */
export type Tokenize = (language: string, code: string) => Token[] | null;

/** Null where the TeX is wrong: the source is shown instead. */
export type RenderMath = (tex: string, display: boolean) => Element | null;

/** Tables, notes and pictures. */
export type Blocks = typeof import("./blocks.ts");

export interface Plugins {
  /** Asks for what draws tables, notes and pictures; null until it has come. */
  readonly blocks?: () => Blocks | null;
  readonly tokenize?: Tokenize;
  /** Asks for what sets formulas; null until it has come. */
  readonly math?: () => RenderMath | null;
  /** Called when code in a named language is shown. */
  readonly onCodeSeen?: () => void;
  /** Has `again` called whenever more has become available; what it gives ends that. */
  readonly whenMore?: (again: () => void) => () => void;
}
