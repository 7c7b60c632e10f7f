/** Link reference definitions: reads them, and stores them with the callbacks waiting for one. */

import { MORE, normalizeLabel, scanDestination, scanLabel, scanTitle, skipSpace } from "./scanners.ts";

export interface Reference {
  readonly destination: string;
  readonly title: string;
}

export interface Definition extends Reference {
  /** Normalised. */
  readonly label: string;
  /** Position after it, at the start of a line. */
  readonly end: number;
}

/**
 * The definition at the start of `text`; null if there is none, "more" if the text ends too early to
 * tell. CommonMark 0.31.2, section 4.7.
 */
export function scanDefinition(text: string): Definition | null | typeof MORE {
  const label = scanLabel(text, 0);
  if (label === null || label === MORE) return label;
  if (label.end === text.length) return MORE;
  const name = normalizeLabel(label.value);
  if (name === "" || text.charCodeAt(label.end) !== 58) return null;
  const from = skipSpace(text, label.end + 1);
  if (from === text.length) return MORE;
  const destination = scanDestination(text, from);
  if (destination === null || destination === MORE) return destination;
  if (destination.end === from) return null;
  return withTitle(text, name, destination.value, destination.end);
}

function withTitle(text: string, label: string, destination: string, end: number): Definition | null | typeof MORE {
  const bareEnd = lineEnd(text, end);
  const bare = bareEnd === null ? null : { label, destination, title: "", end: bareEnd };
  const from = skipSpace(text, end);
  if (from === end || from === text.length) return bare;
  const title = scanTitle(text, from);
  if (title === MORE) return bare ?? MORE;
  const titleEnd = title && lineEnd(text, title.end);
  if (title && titleEnd !== null) return { label, destination, title: title.value, end: titleEnd };
  return bare;
}

/** The start of the next line, if only spaces come before it. */
function lineEnd(text: string, from: number): number | null {
  let at = from;
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at += 1;
  if (at >= text.length) return at;
  return text.charCodeAt(at) === 10 ? at + 1 : null;
}

/** Definitions by label; the first of each label wins. */
export class References {
  readonly #known = new Map<string, Reference>();
  readonly #waiting = new Map<string, Set<() => void>>();

  get(label: string): Reference | undefined {
    return this.#known.get(label);
  }

  /** Stores the definition, and returns the callbacks that waited for it. */
  define(label: string, reference: Reference): Iterable<() => void> {
    if (this.#known.has(label)) return [];
    this.#known.set(label, reference);
    const waiting = this.#waiting.get(label) ?? [];
    this.#waiting.delete(label);
    return waiting;
  }

  /** Calls `draw` when `label` is defined. */
  wait(label: string, draw: () => void): void {
    const waiting = this.#waiting.get(label);
    if (waiting) waiting.add(draw);
    else this.#waiting.set(label, new Set([draw]));
  }
}
