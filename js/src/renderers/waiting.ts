/** What a part says, in a line: for every kind whose own code is still to come. */

import { create, setText } from "../dom.ts";
import type { Part } from "../patch.ts";
import { label } from "../safety.ts";
import type { Context, Mounted } from "./renderer.ts";

const MESSAGE_CHARS = 2000;

export function mountWaiting(_part: Part, _context: Context): Mounted {
  const element = create("div", { class: "sw-part sw-waiting" });
  return {
    element,
    update: ({ fields, kind }) =>
      setText(element, label(fields["message"], MESSAGE_CHARS) || label(fields["name"]) || label(kind)),
    dispose() {},
  };
}
