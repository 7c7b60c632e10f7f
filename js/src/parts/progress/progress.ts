/** Progress: label, amount, rate and time left; without a total the bar is indeterminate. */

import { create, setAttribute, setText } from "../../base/dom.ts";
import { duration, left, perSecond } from "../../words/format.ts";
import { PaceMeter } from "./pace.ts";
import type { Part } from "../../protocol/patch.ts";
import { finite, label } from "../../base/safety.ts";
import type { Context, Mounted } from "../part-view.ts";
import * as english from "../../words/english.ts";

/** Screen readers announce each change of the value. */
const SPEAK_AT_MOST_EVERY_MS = 1000;

interface Extent {
  completed: number;
  /** Null: unknown. */
  total: number | null;
  unit: string;
}

export function mountProgress(_part: Part, context: Context): Mounted {
  const name = create("span", { class: "sw-name" });
  const detail = create("span", { class: "sw-note" });
  const amount = create("span", { class: "sw-amount" });
  const pace = create("span", { class: "sw-amount sw-pace" });
  const fill = create("div", { class: "sw-fill" });
  const bar = create("div", { class: "sw-bar", role: "progressbar", "aria-valuemin": "0" }, fill);
  const words = create("span", { class: "sw-what" }, name, detail);
  const heading = create("div", { class: "sw-line" }, words, create("span", { class: "sw-amounts" }, amount, pace));
  const element = create("div", { class: "sw-part", "data-kind": "progress" }, heading, bar);
  const meter = new PaceMeter();
  let spokenAt = -Infinity;
  let shown: Part;

  const drawPace = (now_s: number | null): void => {
    setText(pace, paceOf(shown, meter, now_s));
  };
  return {
    element,
    update(part) {
      shown = part;
      const extent = extentOf(part);
      const { fields } = part;
      const closed = fields["state"] === "closed";
      const ratio = ratioOf(extent);
      const at_s = finite(fields["updated_s"]) ?? context.elapsed_s();
      if (at_s !== null) meter.add(at_s, extent.completed, finite(fields["started_s"]) ?? at_s);
      setAttribute(element, "data-state", closed ? "closed" : "open");
      setAttribute(bar, "data-live", ratio === null && !closed ? "endless" : null);
      const message = label(fields["message"]);
      const title = label(fields["label"]) || message || english.PROGRESS;
      setText(name, title);
      setText(detail, message === title ? "" : message);
      setText(amount, english.progress(extent.completed, extent.total, extent.unit, ratio));
      drawPace(context.elapsed_s() ?? at_s);
      fill.style.transform = `scaleX(${ratio ?? (closed ? 1 : 0)})`;
      const now = performance.now();
      if (!closed && now - spokenAt < SPEAK_AT_MOST_EVERY_MS) return;
      spokenAt = now;
      speak(bar, title, extent, ratio);
    },
    tick: drawPace,
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

/** While it is running, the rate and the time left; after the end, the duration. */
function paceOf(part: Part, meter: PaceMeter, now_s: number | null): string {
  const { fields } = part;
  if (fields["state"] === "closed") {
    const [started_s, updated_s] = [finite(fields["started_s"]), finite(fields["updated_s"])];
    return started_s === null || updated_s === null ? "" : duration(updated_s - started_s);
  }
  const { completed, total } = extentOf(part);
  const rate = meter.rate();
  if (rate === null || now_s === null) return "";
  const left_s = meter.left_s(now_s, completed, total);
  return english.beside([perSecond(rate), left_s === null ? "" : english.timeLeft(left(left_s))]);
}

function speak(bar: HTMLElement, name: string, extent: Extent, ratio: number | null): void {
  setAttribute(bar, "aria-label", name);
  setAttribute(bar, "aria-valuetext", english.progress(extent.completed, extent.total, extent.unit, ratio));
  setAttribute(bar, "aria-valuemax", extent.total === null ? null : String(extent.total));
  setAttribute(bar, "aria-valuenow", extent.total === null ? null : String(extent.completed));
}
