/** A citation: its number, its title, and the host of its link. */

import { aim, bareLink, create, setAttribute, setText } from "../../base/dom.ts";
import type { Part } from "../../protocol/patch.ts";
import { addressOf, finite, label } from "../../base/safety.ts";
import type { Context, Mounted } from "../part-view.ts";
import * as english from "../../words/english.ts";

export function mountSource(_part: Part, _context: Context): Mounted {
  const number = create("span", { class: "sw-number" });
  const title = bareLink();
  const host = create("span", { class: "sw-host" });
  const element = create("div", { class: "sw-part", "data-kind": "source" }, number, title, host);
  return {
    element,
    update({ fields }) {
      const n = finite(fields["number"]);
      const address = label(fields["url"], 2000);
      setText(number, n === null ? "" : String(n));
      setText(title, label(fields["title"]) || address || english.CITATION);
      const to = addressOf(fields["url"]);
      aim(title, to);
      setText(host, to?.host.replace(/^www\./, "") ?? "");
      setAttribute(element, "title", address || null);
    },
    dispose() {},
  };
}
