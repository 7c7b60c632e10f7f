/** Which renderer draws which kind of those that most runs have; the others come in the extras. */

import type { Part } from "../patch.ts";
import { mountPlain } from "./plain.ts";
import type { Context, Mounted, Renderer } from "./renderer.ts";
import { mountText } from "./text.ts";

export const RENDERERS: ReadonlyMap<string, Renderer> = new Map<string, Renderer>([
  ["text", mountText],
]);

/** A part of another kind says in one line what it is, until the extras are there. */
export const mountPart = (part: Part, context: Context): Mounted =>
  (RENDERERS.get(part.kind) ?? mountPlain)(part, context);
