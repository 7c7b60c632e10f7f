/** A source that the text refers to: its number, its title, and the host it leads to. */

import { create, setAttribute, setText } from "../dom.ts";
import type { Part } from "../patch.ts";
import { finite, hostOf, label, linkTo } from "../safety.ts";
import type { Context, Mounted } from "../renderers/renderer.ts";

export function mountSource(_part: Part, _context: Context): Mounted {
  const number = create("span", { class: "sw-number" });
  const title = create("a", { class: "sw-title-link" });
  const host = create("span", { class: "sw-host" });
  const element = create("div", { class: "sw-part", "data-kind": "source" }, number, title, host);
  return {
    element,
    update({ fields }) {
      const n = finite(fields["number"]);
      const address = label(fields["url"], 2000);
      setText(number, n === null ? "" : String(n));
      setText(title, label(fields["title"]) || address || "Source");
      linkTo(title, fields["url"]);
      setText(host, hostOf(fields["url"]));
      setAttribute(element, "title", address || null);
    },
    dispose() {},
  };
}
