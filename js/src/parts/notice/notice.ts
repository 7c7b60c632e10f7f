/** A notice: information that is not a failure, or a message that the reader sent. */

import { create, icon, setAttribute, setText } from "../../base/dom.ts";
import { INFO, PERSON, WARNING } from "../../base/icons.ts";
import type { Part } from "../../protocol/patch.ts";
import { label } from "../../base/safety.ts";
import type { Json } from "../../protocol/wire.ts";
import type { Context, Mounted } from "../part-view.ts";

const MESSAGE_CHARS = 2000;
const ICONS: { readonly [level: string]: string } = { info: INFO, warning: WARNING, sent: PERSON };

export function mountNotice(part: Part, _context: Context): Mounted {
  const given = part.fields["level"];
  const level = typeof given === "string" && Object.hasOwn(ICONS, given) ? given : "info";
  const message = create("span", { class: "sw-message" });
  const element = create(
    "div",
    { class: "sw-part", "data-kind": "notice", role: "note" },
    icon(ICONS[level]!),
    message,
  );
  return {
    element,
    update(now) {
      setAttribute(element, "data-level", level);
      setText(message, (level === "sent" ? lines : label)(now.fields["message"], MESSAGE_CHARS));
    },
    dispose() {},
  };
}

/** With the line breaks of the reader. */
const lines = (value: Json | undefined, limit_chars: number): string =>
  typeof value === "string" ? value.slice(0, limit_chars).split("\n").map((line) => label(line, limit_chars)).join("\n") : "";
