/** Which renderer draws which kind. A new kind is one file and one line here. */

import type { Part } from "../patch.ts";
import { mountError } from "./error.ts";
import { mountNotice } from "./notice.ts";
import { mountProgress } from "./progress.ts";
import { mountReasoning } from "./reasoning.ts";
import type { Context, Mounted, Renderer } from "./renderer.ts";
import { mountStep } from "./step.ts";
import { mountText } from "./text.ts";
import { mountToolCall } from "./tool-call.ts";
import { mountUnknown } from "./unknown.ts";

const RENDERERS = new Map<string, Renderer>([
  ["text", mountText],
  ["reasoning", mountReasoning],
  ["step", mountStep],
  ["progress", mountProgress],
  ["notice", mountNotice],
  ["error", mountError],
  ["tool-call", mountToolCall],
  ["unknown", mountUnknown],
]);

export const mountPart = (part: Part, context: Context): Mounted =>
  (RENDERERS.get(part.kind) ?? mountUnknown)(part, context);
