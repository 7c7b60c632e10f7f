/** Reasoning: folded, with its newest line in view while it grows. */

import { create, setAttribute, setText } from "../dom.ts";
import { count } from "../format.ts";
import type { Part } from "../patch.ts";
import { label } from "../safety.ts";
import { makeEngine } from "./markdown.ts";
import type { Context, Mounted } from "./renderer.ts";
import { TextFeeder } from "./text.ts";

/** Enough for the widest line that is shown. */
const TAIL_CHARS = 240;

export function mountReasoning(part: Part, context: Context): Mounted {
  const line = create("span", { class: "sw-lastline" });
  const summary = create("summary", {}, create("span", { class: "sw-name" }, "Reasoning"), line);
  const body = create("div", { class: "sw-quiet sw-markdown" });
  const element = create("details", { class: "sw-part", "data-kind": "reasoning" }, summary, body);
  const feeder = new TextFeeder(part, () => makeEngine(body, context.markdown));
  let shown = part;
  // What is folded away costs nothing: it is built when somebody looks.
  const unfolded = (): void => {
    if (element.open) feeder.update(shown);
  };
  element.addEventListener("toggle", unfolded);
  return {
    element,
    update(now) {
      shown = now;
      const closed = now.fields["state"] === "closed";
      setAttribute(element, "data-state", closed ? "closed" : "open");
      setText(line, closed ? `${count(lengthOf(now))} characters` : lastLine(now));
      unfolded();
    },
    dispose() {
      element.removeEventListener("toggle", unfolded);
      feeder.dispose();
    },
  };
}

/** In characters as the kernel counts them, not in UTF-16 units. */
const lengthOf = (part: Part): number =>
  part.pieces.reduce((total, piece) => total + Array.from(piece).length, 0);

/** The last line with something on it, read from the last pieces only. */
function lastLine(part: Part): string {
  let tail = "";
  for (let at = part.pieces.length - 1; at >= 0 && tail.length < TAIL_CHARS; at -= 1) {
    tail = part.pieces[at]!.slice(-TAIL_CHARS) + tail;
  }
  const lines = tail.trimEnd().split("\n");
  return label(lines.at(-1) ?? "");
}
