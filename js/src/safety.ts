/**
 * What of the wire may be shown where it is not the reader's own text: names, labels, titles.
 *
 * Streamed text itself is shown exactly, as text nodes. Every address passes here.
 */

import { setAttribute } from "./dom.ts";
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

const LIVE_SCHEMES = new Set(["http:", "https:", "mailto:"]);
const ADDRESS_CHARS = 4000;

/** The address, checked and normalised; null if it must not be live. */
export function address(value: Json | undefined): URL | null {
  if (typeof value !== "string" || value.length > ADDRESS_CHARS) return null;
  if (!/^(https?:\/\/|mailto:)/i.test(value.trim())) return null;
  try {
    const url = new URL(value.trim());
    // User information makes one host look like another.
    return LIVE_SCHEMES.has(url.protocol) && url.username === "" ? url : null;
  } catch {
    return null;
  }
}

/** The host that an address leads to, as ASCII; "" where there is none. */
export const hostOf = (value: Json | undefined): string => address(value)?.host.replace(/^www\./, "") ?? "";

/** Lets `link` lead to `value`, or nowhere if that is no address to be trusted. */
export function linkTo(link: HTMLAnchorElement, value: Json | undefined): void {
  const url = address(value);
  setAttribute(link, "href", url?.href ?? null);
  setAttribute(link, "target", url && "_blank");
  setAttribute(link, "rel", url && "noopener noreferrer nofollow");
  setAttribute(link, "referrerpolicy", url && "no-referrer");
}
