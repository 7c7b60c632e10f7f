/** A language as the scanner sees it: tables, no code. */

/** The classes of tokens; `code.css` has a colour for each. */
export type TokenClass =
  | "builtin"
  | "comment"
  | "deleted"
  | "function"
  | "inserted"
  | "keyword"
  | "number"
  | "operator"
  | "property"
  | "string"
  | "type";

/** Where a region may begin. */
export type Place = "column0" | "line" | "operator" | "space";

/** Text between two marks, all of one class: a string, a comment. */
export interface Region {
  readonly open: string;
  /** "": the end of the line. */
  readonly close: string;
  readonly is: TokenClass;
  /** May span lines; otherwise the end of the line ends it. */
  readonly lines?: boolean;
  /** A backslash escapes the next character. */
  readonly escapes?: boolean;
  readonly nests?: boolean;
  /** `${` begins code inside it. */
  readonly holes?: boolean;
  /** Begins only there: at the start of its line, after nothing but blanks, where no value stands
   * before it, after a blank. Everywhere where it is absent. */
  readonly at?: Place;
}

export interface Language {
  readonly regions: readonly Region[];
  readonly keywords?: string;
  readonly builtins?: string;
  readonly types?: string;
  /** Words are compared in lower case. */
  readonly caseless?: boolean;
  /** Characters that belong to words beside letters, digits and `_`. */
  readonly inWords?: string;
  /** Names are classified: a call is a function, a capital begins a type. */
  readonly names?: boolean;
  /** Letters that may precede a quote. */
  readonly prefixes?: string;
  /** The sign after the name of a property. */
  readonly key?: ":" | "=";
  readonly traits?: readonly Trait[];
}

/** Features of some languages that tables cannot express. */
export type Trait =
  | "at-rules" // `@name`
  | "block-scalars" // YAML's `|` and `>`
  | "braced-keys" // properties only inside braces: CSS
  | "chars" // 'x' is a character, 'a a lifetime: Rust
  | "commands" // the first word is a command, `$name` a variable: shells
  | "directives" // `#name` first in its line: C
  | "embeds" // <script> and <style>: HTML
  | "jsx"
  | "macros" // `name!`
  | "markup" // tags and text, no code
  | "prose" // no words, numbers or operators
  | "regex"; // /.../ where no value stands before it

/** A piece of code and its class; null: no class. */
export type HighlightToken = readonly [text: string, className: `sw-tok-${TokenClass}` | null];
