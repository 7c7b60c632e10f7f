/** The renderer of each kind. A new kind is one file and one line here. */

import { mountError } from "../parts/error/error.ts";
import { mountNotice } from "../parts/notice/notice.ts";
import { mountReasoning } from "../parts/reasoning/reasoning.ts";
import type { Renderer } from "../parts/part-view.ts";
import { mountUnknown } from "../parts/unknown/unknown.ts";
import { Ask } from "../parts/ask/ask.ts";
import { mountArtifact } from "../parts/artifact/artifact.ts";
import { Custom } from "../parts/custom/custom.ts";
import { Knob } from "../parts/knob/knob.ts";
import { Log } from "../parts/log/log.ts";
import { Metric } from "../parts/metric/metric.ts";
import { mountProgress } from "../parts/progress/progress.ts";
import { mountSource } from "../parts/citation/citation.ts";
import { Step } from "../parts/step/step.ts";
import { Table } from "../parts/table/table.ts";
import { mountText } from "../parts/text/text.ts";
import { mountToolCall } from "../parts/tool-call/tool-call.ts";
import { mountValue } from "../parts/value/value.ts";

const RENDERERS: ReadonlyMap<string, Renderer> = new Map<string, Renderer>([
  ["text", mountText],
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
  ["ask", (part, context) => new Ask(part, context)],
  ["knob", (part, context) => new Knob(part, context)],
  ["custom", (part, context) => new Custom(part, context)],
]);

/** The renderer of a kind; parts of unknown kinds are shown as data. */
export const rendererOf = (kind: string): Renderer => RENDERERS.get(kind) ?? mountUnknown;
