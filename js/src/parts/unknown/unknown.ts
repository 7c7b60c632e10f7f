/** A part without a renderer: its name, and its data folded. Nothing received is hidden. */

import { create, setText } from "../../base/dom.ts";
import { plainPart } from "../../protocol/patch.ts";
import type { Part } from "../../protocol/patch.ts";
import { label } from "../../base/safety.ts";
import type { Context, Mounted } from "../part-view.ts";

export function mountUnknown(part: Part, _context: Context): Mounted {
  const name = create("span", { class: "sw-name" });
  const data = create("pre", { tabindex: "0" });
  const element = create(
    "details",
    { class: "sw-part", "data-kind": "unknown" },
    create("summary", {}, name),
    data,
  );
  let shown = part;
  const unfolded = (): void => {
    if (element.open) setText(data, dataOf(shown));
  };
  element.addEventListener("toggle", unfolded);
  return {
    element,
    update(now) {
      shown = now;
      setText(name, label(now.fields["name"]) || label(now.kind));
      unfolded();
    },
    dispose: () => element.removeEventListener("toggle", unfolded),
  };
}

/** An `unknown` part has its record as JSON text; the data of other kinds is shown unchanged. */
function dataOf(part: Part): string {
  const data = part.kind === "unknown" ? part.fields["data"] : plainPart(part);
  if (typeof data !== "string") return JSON.stringify(data, null, 2);
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch {
    return data; // not JSON: unchanged
  }
}
