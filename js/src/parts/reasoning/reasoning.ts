/** Reasoning: folded, with its newest line while it grows, and its duration after that. */

import { create, setAttribute, setText } from "../../base/dom.ts";
import { duration } from "../../words/format.ts";
import { textTail } from "../../protocol/patch.ts";
import type { Part } from "../../protocol/patch.ts";
import { finite, label } from "../../base/safety.ts";
import { MarkdownEngine } from "../../markdown/engine.ts";
import type { Context, Mounted } from "../part-view.ts";
import { TextFeeder } from "../text/text.ts";
import * as english from "../../words/english.ts";

export function mountReasoning(part: Part, context: Context): Mounted {
  const line = create("span", { class: "sw-lastline" });
  const time = create("span", { class: "sw-time" });
  const summary = create("summary", {}, create("span", { class: "sw-name" }, english.REASONING), line, time);
  const body = create("div", { class: "sw-quiet sw-markdown" });
  const element = create("details", { class: "sw-part", "data-kind": "reasoning" }, summary, body);
  const feeder = new TextFeeder(part, () => new MarkdownEngine(body, context.markdown));
  let shown = part;
  // Folded content costs nothing: it is built when it is opened.
  const unfolded = (): void => {
    if (element.open) feeder.update(shown);
  };
  const drawTime = (elapsed_s: number | null): void => setText(time, timeOf(shown, elapsed_s));
  element.addEventListener("toggle", unfolded);
  return {
    element,
    update(now) {
      shown = now;
      const closed = now.fields["state"] === "closed";
      setAttribute(element, "data-state", closed ? "closed" : "open");
      setText(line, closed ? english.characters(lengthOf(now)) : lastLine(now));
      drawTime(context.elapsed_s());
      unfolded();
    },
    tick: drawTime,
    dispose() {
      element.removeEventListener("toggle", unfolded);
      feeder.dispose();
    },
  };
}

function timeOf({ fields }: Part, elapsed_s: number | null): string {
  const started_s = finite(fields["started_s"]);
  const open = fields["state"] !== "closed";
  const ended_s = finite(fields["ended_s"]) ?? (open ? elapsed_s : null);
  return started_s === null || ended_s === null ? "" : duration(ended_s - started_s);
}

/** In characters as the kernel counts them, not in UTF-16 units. */
const lengthOf = (part: Part): number =>
  part.pieces.reduce((total, piece) => total + Array.from(piece).length, 0);

/** The last line that is not blank. */
const lastLine = (part: Part): string => label(textTail(part).trimEnd().split("\n").at(-1) ?? "");
