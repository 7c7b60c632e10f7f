/** The icons, drawn with strokes on a field of 16 by 16. */

import type { Json } from "./json.ts";

/** The provider reported a failure. */
const PROVIDER = "M2.5 3.5h11v7h-6l-3 2.5v-2.5h-2zM8 5.2v2.4M8 9v.1";
/** The connection was lost. */
const TRANSPORT = "M5.5 4.8H4.7a3.2 3.2 0 0 0 0 6.4h.8M10.5 4.8h.8a3.2 3.2 0 0 1 0 6.4h-.8M8 2v2.4M8 11.6V14";
/** The stream ended early. */
const CUT = "M1.5 5h13M1.5 8h6M1.5 11h3M10.5 8.2l4 4M14.5 8.2l-4 4";
/** The user's own code failed. */
const SOURCE = "M5.5 4L1.8 8l3.7 4M10.5 4l3.7 4-3.7 4M9 3L7 13";
const DECODE = "M2 4h3M7 4h7M2 8h7M11 8h3M2 12h2M6 12h5M13 12h1";
const LIMIT = "M2 12.5a6.5 6.5 0 1 1 12 0M8 10.5l3.5-4M2 12.5h12";
const RESPONSE = "M2.5 6h11M2.5 10h11M10.5 3l-5 10";
const OTHER = "M8 2L14.5 13.5h-13zM8 6.5v3M8 11.3v.1";

export const INFO = "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.2v3.8M8 4.9v.1";
export const WARNING = OTHER;
export const QUESTION = "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM6.2 6.4a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11.2v.1";
export const CHECK = "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM5.4 8.2l1.8 1.8 3.4-3.8";
export const PAUSE = "M5.5 3.5v9M10.5 3.5v9";
export const RESUME = "M5 3.2l7.5 4.8L5 12.8z";
export const RETRY = "M13 8a5 5 0 1 1-1.6-3.7M13 2.2v3h-3";
export const COPY = "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z";
export const MENU = "M3 8h.1M8 8h.1M13 8h.1";
export const OUTLINE = "M2.5 3.5h11M5 8h8.5M5 12.5h8.5M2.5 8h.1M2.5 12.5h.1";
export const PERSON = "M8 2.5a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM3 13.5c.4-2.6 2.3-4 5-4s4.6 1.4 5 4";
export const MORE = "M8 3.5v.1M8 8v.1M8 12.5v.1";
export const ATTACH = "M13.2 7.4l-5.3 5.3a3.1 3.1 0 0 1-4.4-4.4l5.6-5.6a2.1 2.1 0 0 1 3 3l-5.4 5.4a1 1 0 0 1-1.5-1.5l4.8-4.8";
export const CLOSE = "M4.5 4.5l7 7M11.5 4.5l-7 7";
export const EDIT = "M3 13l.6-2.6L11 3l2 2-7.4 7.4zM9.5 4.5l2 2";
export const BACK = "M10 3.5L5.5 8l4.5 4.5";
export const FORTH = "M6 3.5L10.5 8 6 12.5";
export const SEND = "M8 13.5v-11M3.5 7L8 2.5 12.5 7";
export const SAVE = "M8 2.2v7.6M4.8 6.8L8 10l3.2-3.2M2.8 13.2h10.4";

const BY_FAULT: { readonly [fault: string]: string } = {
  provider: PROVIDER,
  transport: TRANSPORT,
  incomplete: CUT,
  source: SOURCE,
  decode: DECODE,
  limit: LIMIT,
  response: RESPONSE,
};

export const faultIcon = (fault: Json | undefined): string =>
  (typeof fault === "string" && Object.hasOwn(BY_FAULT, fault) && BY_FAULT[fault]) || OTHER;
