/** Which renderer draws which kind. A new kind is one file and one line here. */

import type { Part } from "../patch.ts";
import { mountError } from "../renderers/error.ts";
import { isText } from "../renderers/index.ts";
import { mountNotice } from "../renderers/notice.ts";
import { mountReasoning } from "../renderers/reasoning.ts";
import type { Context, Mounted, Renderer } from "../renderers/renderer.ts";
import { mountUnknown } from "../renderers/unknown.ts";
import { mountArtifact } from "./artifact.ts";
import { Custom } from "./custom.ts";
import { Log } from "./log.ts";
import { Metric } from "./metric.ts";
import { mountProgress } from "./progress.ts";
import { mountSource } from "./source.ts";
import { Step } from "./step.ts";
import { Table } from "./table.ts";
import { mountToolCall } from "./tool-call.ts";
import { mountValue } from "./value.ts";

const RENDERERS: ReadonlyMap<string, Renderer> = new Map<string, Renderer>([
  ["reasoning", mountReasoning],
  ["notice", mountNotice],
  ["error", mountError],
  ["step", (part, context) => new Step(part, context)],
  ["progress", mountProgress],
  ["tool-call", mountToolCall],
  ["source", mountSource],
  ["table", (part, context) => new Table(part, context)],
  ["value", mountValue],
  ["metric", (part, context) => new Metric(part, context)],
  ["log", (part, context) => new Log(part, context)],
  ["artifact", mountArtifact],
  ["custom", (part, context) => new Custom(part, context)],
]);

export const mountPart = (part: Part, context: Context): Mounted =>
  isText(part) ? context.mount(part) : (RENDERERS.get(part.kind) ?? mountUnknown)(part, context);
