/**
 * Makes values from the wire safe to show outside of streamed text: names, labels, titles and
 * addresses. (Pictures: `pictures.ts`.)
 *
 * Streamed text itself is shown exactly, as text nodes.
 */

import type { Json } from "./json.ts";

const LABEL_CHARS = 300;
/** A longer address is shown as text. */
const ADDRESS_CHARS = 4000;

/** Invisible characters that can disguise a label: controls, bidi, zero width. */
const DECEPTIVE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
/** Characters that change the direction of the text around them. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const IGNORED = /[\u0000-\u0020\u007f-\u009f]+/g;
const UNENCODED = /%(?![0-9a-f]{2})|[^\w\-.~:/?#@!$&'()*+,;=%]/giu;

/** `value` as one bounded line without hidden characters; "" if it is not text or a number. */
export function label(value: Json | undefined, limit_chars: number = LABEL_CHARS): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return "";
  const line = value.slice(0, limit_chars * 2).replace(DECEPTIVE, "").replace(/\s+/g, " ").trim();
  return line.length > limit_chars ? `${line.slice(0, limit_chars - 1)}…` : line;
}

/** A finite number from the wire; null for anything else. */
export const finite = (value: Json | undefined): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** `text` with every character that changes the text direction shown as its code. */
export const showBidi = (text: string): string =>
  text.replace(BIDI, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

declare const checked: unique symbol;

/** An address that is allowed as a link. Only this module creates it. */
export interface Address {
  readonly href: string;
  /** The host as the browser parses it; for `mailto:` the recipient. */
  readonly host: string;
  readonly [checked]: true;
}

/** The address `raw` if it may be a link: absolute http, https or mailto; null for all others. */
export function address(raw: string): Address | null {
  if (raw.length > ADDRESS_CHARS) return null;
  const href = encodeAddress(raw);
  if (!/^(?:https?:|mailto:)/i.test(href)) return null;
  try {
    const url = new URL(href);
    if (url.protocol === "mailto:") return { href, host: showBidi(decoded(url.pathname)) } as Address;
    return url.host === "" ? null : ({ href, host: url.host } as Address);
  } catch {
    return null;
  }
}

/** The address in a field from the wire; null if it may not be a link. */
export const addressOf = (value: Json | undefined): Address | null =>
  typeof value === "string" ? address(value) : null;

/** `raw` without control characters, and with invalid characters percent-encoded. */
export const encodeAddress = (raw: string): string =>
  raw.replace(IGNORED, (run) => "%20".repeat(run.split(" ").length - 1)).replace(UNENCODED, encodeCharacter);

function encodeCharacter(char: string): string {
  try {
    return encodeURIComponent(char);
  } catch {
    return "%EF%BF%BD"; // half of a surrogate pair
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path).slice(0, LABEL_CHARS);
  } catch {
    return path.slice(0, LABEL_CHARS);
  }
}

/** True if the text of a link already shows its address, and nothing else. */
export function namesHost(words: string, { href, host }: Address): boolean {
  const said = words.trim().toLowerCase();
  if (said === href.toLowerCase() || said === host.toLowerCase()) return true;
  const bare = said.replace(/^(?:https?:\/\/|mailto:)/, "");
  const rest = bare.startsWith(host.toLowerCase()) ? bare.slice(host.length) : null;
  return rest !== null && /^(?:$|[/?#])/.test(rest) && !/\s/.test(rest);
}
