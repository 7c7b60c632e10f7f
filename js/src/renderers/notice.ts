/** A notice: something to know that is no failure. */

import { create, icon, setAttribute, setText } from "../dom.ts";
import { INFO, WARNING } from "../icons.ts";
import type { Part } from "../patch.ts";
import { label } from "../safety.ts";
import type { Context, Mounted } from "./renderer.ts";

const MESSAGE_CHARS = 2000;

export function mountNotice(part: Part, _context: Context): Mounted {
  const warning = part.fields["level"] === "warning";
  const message = create("span", { class: "sw-message" });
  const element = create(
    "div",
    { class: "sw-part", "data-kind": "notice", role: "note" },
    icon(warning ? WARNING : INFO),
    message,
  );
  return {
    element,
    update(now) {
      setAttribute(element, "data-level", warning ? "warning" : "info");
      setText(message, label(now.fields["message"], MESSAGE_CHARS));
    },
    dispose() {},
  };
}
