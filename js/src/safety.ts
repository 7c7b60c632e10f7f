/**
 * What of the wire may be shown where it is not the reader's own text: names, labels, titles,
 * addresses and images.
 *
 * Streamed text itself is shown exactly, as text nodes.
 */

import type { Json } from "./wire.ts";

const LABEL_CHARS = 300;
/** A longer address is shown as text. */
const ADDRESS_CHARS = 4000;
/** Larger images in the text itself are not drawn: they would be decoded at every view. */
const DATA_IMAGE_CHARS = 2_000_000;

/** Invisible characters that can make a label read as something else: controls, bidi, zero width. */
const DECEPTIVE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
/** Characters that turn the direction of the text around them. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const IGNORED = /[\u0000-\u0020\u007f-\u009f]+/g;
const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/i;
const UNENCODED = /%(?![0-9a-f]{2})|[^\w\-.~:/?#@!$&'()*+,;=%]/giu;

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

/** `text` with every character that turns the direction of text shown as its code. */
export const showBidi = (text: string): string =>
  text.replace(BIDI, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

declare const checked: unique symbol;

/** An address that was let through. Only this module makes one. */
export interface Address {
  readonly href: string;
  /** Where it leads, as the browser understands it: the host, or of `mailto:` the recipient. */
  readonly host: string;
  readonly [checked]: true;
}

/** A picture that may be loaded, and from where; "" for one that is in the text itself. */
export interface Picture {
  readonly src: string;
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

/** `raw` without control characters, and with everything encoded that an address cannot hold. */
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

/** Which pictures load: none, those in the text itself, others on a click, or of these origins. */
export type Images = "none" | "data" | "click" | readonly string[];

/** What becomes of a picture: it is drawn, may be asked for, or only its words are shown. */
export type Shown = "draw" | "ask" | "words";

/** The option as it comes from the kernel. */
export function imagesOption(value: Json | undefined): Images {
  if (value === "data" || value === "click") return value;
  return Array.isArray(value) ? value.filter((origin): origin is string => typeof origin === "string") : "none";
}

/** The picture at `raw`; null if there is none that anybody could load. */
function picture(raw: string): Picture | null {
  if (/^data:/i.test(raw)) {
    const good = raw.length <= DATA_IMAGE_CHARS && DATA_IMAGE.test(raw);
    return good ? ({ src: raw, host: "" } as Picture) : null;
  }
  const link = address(raw);
  return link && /^https?:/i.test(link.href) ? ({ src: link.href, host: link.host } as Picture) : null;
}

function shownAs({ src, host }: Picture, images: Images): Shown {
  if (images === "none") return "words";
  if (host === "") return "draw";
  if (images === "click") return "ask";
  return images !== "data" && images.includes(new URL(src).origin) ? "draw" : "words";
}

/** Which addresses may be links, and which pictures may load. */
export interface Policy {
  address(raw: string): Address | null;
  picture(raw: string): Picture | null;
  shown(picture: Picture): Shown;
}

export const policyOf = (images: Images): Policy => ({
  address,
  picture,
  shown: (found) => shownAs(found, images),
});

/** Whether a link's own words already say where it leads, and nothing else. */
export function namesHost(words: string, { href, host }: Address): boolean {
  const said = words.trim().toLowerCase();
  if (said === href.toLowerCase() || said === host.toLowerCase()) return true;
  const bare = said.replace(/^(?:https?:\/\/|mailto:)/, "");
  const rest = bare.startsWith(host.toLowerCase()) ? bare.slice(host.length) : null;
  return rest !== null && /^(?:$|[/?#])/.test(rest) && !/\s/.test(rest);
}
