/** Random documents, the same for the same seed. */

import { EXAMPLES } from "./spec.ts";
import { NASTY } from "./nasty.ts";

export type Random = () => number;

/** Numbers from 0 up to 1 (mulberry32). */
export function random(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = <T>(list: readonly T[], next: Random): T => list[Math.floor(next() * list.length)]!;

const JOINTS = ["", "", "\n", "\n", "\n\n", "  ", "> ", "- ", "    ", "1. ", "| a | b |\n|---|---|\n| ", "`", "$x$", "**", "[^n]: "];

/** Three to eight examples of the specification, or what is nasty, set one after the other. */
export function randomDocument(next: Random): string {
  let text = "";
  for (let left = 3 + Math.floor(next() * 6); left > 0; left -= 1) {
    const piece = next() < 0.1 ? pick(NASTY, next) : pick(EXAMPLES, next).markdown;
    text += (next() < 0.2 ? piece.slice(0, Math.floor(next() * piece.length)) : piece) + pick(JOINTS, next);
  }
  return text;
}

/** `text` cut at random; the longest piece differs from one text to the next. */
export function randomPieces(text: string, next: Random): string[] {
  const longest = pick(text.length > 2000 ? [40, 200, 1000] : [1, 3, 10, 40, 200], next);
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + Math.floor(next() * longest);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}
