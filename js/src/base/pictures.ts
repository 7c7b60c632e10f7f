/** Which pictures a page may load, and from where. */

import { address } from "./safety.ts";
import type { Address } from "./safety.ts";
import type { Json } from "./json.ts";

/** Larger images in the text itself are not drawn: they would be decoded at every view. */
const DATA_IMAGE_CHARS = 2_000_000;
const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/i;

declare const checked: unique symbol;

/** A picture that may be loaded, and from where; "" for one that is in the text itself. Only this module makes one. */
export interface Picture {
  readonly src: string;
  readonly host: string;
  readonly [checked]: true;
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
export function pictureAt(raw: string): Picture | null {
  if (/^data:/i.test(raw)) {
    const good = raw.length <= DATA_IMAGE_CHARS && DATA_IMAGE.test(raw);
    return good ? ({ src: raw, host: "" } as Picture) : null;
  }
  const link = address(raw);
  return link && /^https?:/i.test(link.href) ? ({ src: link.href, host: link.host } as Picture) : null;
}

/** A picture whose bytes came in base64, of a kind that browsers decode and do not run; null if it is not that. */
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

/** Which addresses may be links; tests let all through, so that the syntax is judged. */
export interface Policy {
  address(raw: string): Address | null;
  picture?(raw: string): Picture | null;
}
