/** A tool call: its name and how far it is; arguments and result folded, as they came. */

import { create, setText } from "../dom.ts";
import { textOf } from "../patch.ts";
import type { Part } from "../patch.ts";
import { label } from "../safety.ts";
import type { Context, Mounted } from "./renderer.ts";

export function mountToolCall(part: Part, _context: Context): Mounted {
  const name = create("span", { class: "sw-name" });
  const state = create("span", { class: "sw-lastline" });
  const given = create("pre", { tabindex: "0" });
  const result = create("pre", { tabindex: "0" });
  const element = create(
    "details",
    { class: "sw-part", "data-kind": "tool-call" },
    create("summary", {}, name, state),
    given,
    result,
  );
  let shown = part;
  const unfolded = (): void => {
    if (!element.open) return;
    setText(given, pretty(textOf(shown)));
    setText(result, pretty(String(shown.fields["result"] ?? "")));
    result.hidden = shown.fields["result"] === null;
  };
  element.addEventListener("toggle", unfolded);
  return {
    element,
    update(now) {
      shown = now;
      setText(name, label(now.fields["tool_name"]) || "Tool call");
      setText(state, stateOf(now));
      unfolded();
    },
    dispose: () => element.removeEventListener("toggle", unfolded),
  };
}

function stateOf(part: Part): string {
  if (part.fields["result"] !== null) return part.fields["is_error"] === true ? "failed" : "answered";
  return part.fields["state"] === "open" ? "arguments arriving" : "called";
}

/** JSON indented once it is whole; until then as it came. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
