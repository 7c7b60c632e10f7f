/** Which renderer draws which kind of those that most runs have; the others come in the extras. */

import type { Part } from "../patch.ts";
import { mountError } from "./error.ts";
import { mountNotice } from "./notice.ts";
import { mountReasoning } from "./reasoning.ts";
import type { Context, Mounted, Renderer } from "./renderer.ts";
import { mountText } from "./text.ts";
import { mountUnknown } from "./unknown.ts";

export const RENDERERS: ReadonlyMap<string, Renderer> = new Map<string, Renderer>([
  ["text", mountText],
  ["reasoning", mountReasoning],
  ["notice", mountNotice],
  ["error", mountError],
  ["unknown", mountUnknown],
]);

export const mountPart = (part: Part, context: Context): Mounted =>
  (RENDERERS.get(part.kind) ?? mountUnknown)(part, context);
