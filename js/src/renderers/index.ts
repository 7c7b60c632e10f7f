/** What draws which kind: text is drawn here, all else by the extras, when they have come. */

import type { Part } from "../patch.ts";
import type { Context, Mounted } from "./renderer.ts";
import { mountText } from "./text.ts";
import { mountWaiting } from "./waiting.ts";

export const isText = ({ kind }: Part): boolean => kind === "text";

/** A part of another kind says in one line what it is, until the extras are there. */
export const mountPart = (part: Part, context: Context): Mounted =>
  (isText(part) ? mountText : mountWaiting)(part, context);
