/**
 * What of the wire may be shown where it is not the reader's own text: names, labels, titles.
 *
 * Streamed text itself is shown exactly, as text nodes. Addresses are not let through at all yet;
 * when links come, they pass here.
 */

import type { Json } from "./wire.ts";

const LABEL_CHARS = 300;

/** Invisible characters that can make a label read as something else: controls, bidi, zero width. */
const DECEPTIVE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** `value` as one bounded line with nothing hidden in it; "" if it is no text or number. */
export function label(value: Json | undefined, limit_chars: number = LABEL_CHARS): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return "";
  const line = value.slice(0, limit_chars * 2).replace(DECEPTIVE, "").replace(/\s+/g, " ").trim();
  return line.length > limit_chars ? `${line.slice(0, limit_chars - 1)}…` : line;
}

/** A number from the wire; null if it is none that can be drawn. */
export const finite = (value: Json | undefined): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
