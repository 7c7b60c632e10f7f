/**
 * Syntax highlighting: code to tokens, for about twenty languages.
 *
 * Colours only: what a token is called may be wrong in rare code, but the texts of the tokens, joined,
 * are always the code, and the time is linear in its length whatever it is.
 */

import { Cursor } from "./cursor.ts";
import type { HighlightToken } from "./language.ts";
import { scan } from "./scan.ts";
import { LANGUAGES, NAMES } from "./tables.ts";

/** The name of the language that an info string's first word means; null for one that is not known. */
export const languageOf = (word: string): string | null => NAMES.get(word.toLowerCase()) ?? null;

/** Tokens of code that comes in pieces which end at line ends; null for an unknown language. */
export function highlighter(language: string): ((code: string) => HighlightToken[]) | null {
  const name = languageOf(language);
  if (name === null) return null;
  const cursor = new Cursor(LANGUAGES[name]!);
  return (code) => scan(cursor, code);
}
