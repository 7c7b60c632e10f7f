/** Progress: a label, how far, and a bar; without a total the bar only says that it goes on. */

import { create, setAttribute, setText } from "../dom.ts";
import { count } from "../format.ts";
import type { Part } from "../patch.ts";
import { finite, label } from "../safety.ts";
import type { Context, Mounted } from "./renderer.ts";

/** Screen readers read out each change of the value. */
const SPEAK_AT_MOST_EVERY_MS = 1000;

interface Extent {
  completed: number;
  /** Null: not known. */
  total: number | null;
  unit: string;
}

export function mountProgress(_part: Part, _context: Context): Mounted {
  const name = create("span", { class: "sw-name" });
  const amount = create("span", { class: "sw-amount" });
  const fill = create("div", { class: "sw-fill" });
  const bar = create("div", { class: "sw-bar", role: "progressbar", "aria-valuemin": "0" }, fill);
  const heading = create("div", { class: "sw-line" }, name, amount);
  const element = create("div", { class: "sw-part", "data-kind": "progress" }, heading, bar);
  let spokenAt = -Infinity;
  return {
    element,
    update(part) {
      const extent = extentOf(part);
      const closed = part.fields["state"] === "closed";
      const ratio = ratioOf(extent);
      setAttribute(element, "data-state", closed ? "closed" : "open");
      setAttribute(bar, "data-live", ratio === null && !closed ? "endless" : null);
      setText(name, label(part.fields["message"]) || "Progress");
      setText(amount, amountOf(extent, ratio));
      fill.style.transform = `scaleX(${ratio ?? (closed ? 1 : 0)})`;
      const now = performance.now();
      if (!closed && now - spokenAt < SPEAK_AT_MOST_EVERY_MS) return;
      spokenAt = now;
      speak(bar, name.textContent, extent, ratio);
    },
    dispose() {},
  };
}

function extentOf(part: Part): Extent {
  const total = finite(part.fields["total"]);
  return {
    completed: finite(part.fields["completed"]) ?? 0,
    total: total !== null && total > 0 ? total : null,
    unit: label(part.fields["unit"], 40),
  };
}

const ratioOf = ({ completed, total }: Extent): number | null =>
  total === null ? null : Math.min(1, Math.max(0, completed / total));

function amountOf({ completed, total, unit }: Extent, ratio: number | null): string {
  const of = total === null ? "" : ` / ${count(total)}`;
  const share = ratio === null ? "" : `  ·  ${Math.floor(ratio * 100)} %`;
  return `${count(completed)}${of}${unit && ` ${unit}`}${share}`;
}

function speak(bar: HTMLElement, name: string, extent: Extent, ratio: number | null): void {
  setAttribute(bar, "aria-label", name);
  setAttribute(bar, "aria-valuetext", amountOf(extent, ratio));
  setAttribute(bar, "aria-valuemax", extent.total === null ? null : String(extent.total));
  setAttribute(bar, "aria-valuenow", extent.total === null ? null : String(extent.completed));
}
