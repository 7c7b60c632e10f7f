/** Which pictures a page may load, and from where. */

import { address } from "./safety.ts";
import type { Address } from "./safety.ts";
import type { Json } from "./json.ts";

/** Larger embedded images are not drawn: each view would have to decode them. */
const DATA_IMAGE_CHARS = 2_000_000;
const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/i;

declare const checked: unique symbol;

/** An image that may be loaded, and its origin; "" for an embedded one. Only this module creates it. */
export interface Picture {
  readonly src: string;
  readonly host: string;
  readonly [checked]: true;
}

/** Which images load: none, embedded ones, others on a click, or those of these origins. */
export type Images = "none" | "data" | "click" | readonly string[];

/** What to do with an image: draw it, offer a button, or show its alternative text. */
export type Shown = "draw" | "ask" | "words";

/** The option as the kernel sends it. */
export function imagesOption(value: Json | undefined): Images {
  if (value === "data" || value === "click") return value;
  return Array.isArray(value) ? value.filter((origin): origin is string => typeof origin === "string") : "none";
}

/** The image at `raw`; null if its address cannot be loaded. */
export function pictureAt(raw: string): Picture | null {
  if (/^data:/i.test(raw)) {
    const good = raw.length <= DATA_IMAGE_CHARS && DATA_IMAGE.test(raw);
    return good ? ({ src: raw, host: "" } as Picture) : null;
  }
  const link = address(raw);
  return link && /^https?:/i.test(link.href) ? ({ src: link.href, host: link.host } as Picture) : null;
}

/** An image in base64, of a type that browsers decode and do not execute; null for anything else. */
export const pictureOf = (mime: string, base64: string): Picture | null => {
  const src = `data:${mime};base64,${base64}`;
  return DATA_IMAGE.test(src) ? ({ src, host: "" } as Picture) : null;
};

export function shownAs({ src, host }: Picture, images: Images): Shown {
  if (images === "none") return "words";
  if (host === "") return "draw";
  if (images === "click") return "ask";
  return images !== "data" && images.includes(new URL(src).origin) ? "draw" : "words";
}

/** Decides which addresses may be links; tests allow all, so that only the syntax is tested. */
export interface Policy {
  address(raw: string): Address | null;
  picture?(raw: string): Picture | null;
}
