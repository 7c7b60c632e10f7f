/** A step: a heading on the rail, with what became of it and how long it took. */

import { create, setAttribute, setText } from "../dom.ts";
import { duration } from "../format.ts";
import type { Part } from "../patch.ts";
import { finite, label } from "../safety.ts";
import type { Context, Mounted } from "./renderer.ts";

/** Deeper steps are set no further in; the text would have no room. */
const DEEPEST = 4;

/** Colour alone says nothing to some readers. */
const STATE_WORDS: { readonly [state: string]: string } = {
  running: "running",
  done: "done",
  failed: "failed",
  stopped: "stopped",
};

export function mountStep(part: Part, context: Context): Mounted {
  const glyph = create("span", { class: "sw-node", "aria-hidden": "true" });
  const name = create("span", { class: "sw-name" });
  const state = create("span", { class: "sw-word" });
  const time = create("span", { class: "sw-time" });
  const depth = Math.min(context.depthOf(part.id), DEEPEST);
  const element = create(
    "div",
    { class: "sw-part", "data-kind": "step", role: "heading", "aria-level": String(4 + Math.min(depth, 2)) },
    glyph,
    name,
    state,
    time,
  );
  element.style.setProperty("--sw-depth", String(depth));
  let shown = part;
  const drawTime = (elapsed_s: number | null): void => {
    const seconds = secondsOf(shown, elapsed_s);
    setText(time, seconds === null ? "" : duration(seconds));
  };
  return {
    element,
    update(now) {
      shown = now;
      const word = String(now.fields["state"] ?? "running");
      setAttribute(element, "data-state", Object.hasOwn(STATE_WORDS, word) ? word : "done");
      setText(name, label(now.fields["name"]) || "Step");
      setText(state, STATE_WORDS[word] ?? label(word));
      drawTime(context.elapsed_s());
    },
    tick(elapsed_s) {
      if (shown.fields["state"] === "running") drawTime(elapsed_s);
    },
    dispose() {},
  };
}

function secondsOf(part: Part, elapsed_s: number | null): number | null {
  const started_s = finite(part.fields["started_s"]);
  const ended_s = finite(part.fields["ended_s"]) ?? elapsed_s;
  return started_s === null || ended_s === null ? null : Math.max(0, ended_s - started_s);
}
