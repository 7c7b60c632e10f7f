/**
 * Syntax highlighting: code to tokens, for about twenty languages.
 *
 * For colours only: the class of a token may be wrong in rare code, but the joined texts of the tokens
 * are always the code, and the time is linear in the length of any input.
 */

import css from "./code.css";
import { Cursor } from "./cursor.ts";
import type { HighlightToken } from "./language.ts";
import { scan } from "./scan.ts";
import { LANGUAGES, NAMES } from "./languages.ts";

/** The styles of tokens; the app adds them to its own. */
export const style = css;

/** The name of the language for the first word of an info string; null if it is unknown. */
export const languageOf = (word: string): string | null => NAMES.get(word.toLowerCase()) ?? null;

/** Tokenizes code in pieces that end at line ends; null for an unknown language. */
export function highlighter(language: string): ((code: string) => HighlightToken[]) | null {
  const name = languageOf(language);
  if (name === null) return null;
  const cursor = new Cursor(LANGUAGES[name]!);
  return (code) => scan(cursor, code);
}
