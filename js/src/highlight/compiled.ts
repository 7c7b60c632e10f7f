/** The tables of a language in a form for fast lookup; created when the language is first used. */

import type { Language, Region, TokenClass, Trait } from "./language.ts";

export const BLANK = 0;
export const WORD = 1;
export const DIGIT = 2;
/** Brackets, commas: they have no class. */
export const MARK = 3;
export const OPERATOR = 4;

export interface Compiled {
  /** The class of each ASCII character; all others belong to words. */
  readonly kinds: Uint8Array;
  /** The regions that may begin with a character, by character code. */
  readonly starts: readonly (readonly Region[] | undefined)[];
  readonly words: ReadonlyMap<string, TokenClass>;
  readonly traits: ReadonlySet<Trait>;
  readonly prefixes: string;
  readonly caseless: boolean;
  readonly names: boolean;
  readonly key: string | undefined;
}

const known = new WeakMap<Language, Compiled>();

export function compile(language: Language): Compiled {
  let compiled = known.get(language);
  if (!compiled) {
    const { traits, prefixes = "", caseless = false, names = false, key } = language;
    const [kinds, starts, words] = [kindsOf(language), startsOf(language.regions), wordsOf(language)];
    compiled = { kinds, starts, words, traits: new Set(traits), prefixes, caseless, names, key };
    known.set(language, compiled);
  }
  return compiled;
}

function kindsOf({ inWords = "", traits = [] }: Language): Uint8Array {
  const kinds = new Uint8Array(128).fill(OPERATOR);
  kinds.fill(BLANK, 0, 33);
  kinds.fill(DIGIT, 48, 58);
  kinds.fill(WORD, 65, 91);
  kinds.fill(WORD, 97, 123);
  for (const char of "()[]{},;.\"'`#\\") kinds[char.charCodeAt(0)] = MARK;
  for (const char of `_${inWords}`) kinds[char.charCodeAt(0)] = WORD;
  return traits.includes("prose") ? kinds.fill(MARK, 33) : kinds;
}

function startsOf(regions: readonly Region[]): (Region[] | undefined)[] {
  const starts: (Region[] | undefined)[] = Array.from({ length: 128 });
  for (const region of regions) (starts[region.open.charCodeAt(0)] ??= []).push(region);
  return starts;
}

function wordsOf({ keywords = "", builtins = "", types = "" }: Language): Map<string, TokenClass> {
  const words = new Map<string, TokenClass>();
  const all = [[types, "type"], [builtins, "builtin"], [keywords, "keyword"]] as const;
  for (const [list, is] of all) for (const word of list.split(" ")) if (word) words.set(word, is);
  return words;
}
