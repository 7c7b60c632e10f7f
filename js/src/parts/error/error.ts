/**
 * A failure, where it happened: whose fault it was, what happened, and details on request. If the
 * run continues after it, the heading says what happened. The button that retries is in the header only.
 */

import { create, icon, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { faultIcon } from "../../base/icons.ts";
import type { Part } from "../../protocol/patch.ts";
import { label } from "../../base/safety.ts";
import type { Json } from "../../protocol/wire.ts";
import type { Mounted } from "../part-view.ts";
import * as english from "../../words/english.ts";

const MESSAGE_CHARS = 4000;

export function mountError(part: Part): Mounted {
  const title = create("div", { class: "sw-errortitle" });
  const message = create("div", { class: "sw-message" });
  const hint = create("div", { class: "sw-hintline" });
  const facts = create("div", { class: "sw-errorfacts" });
  const detail = create("pre", { tabindex: "0" });
  const more = create("details", {}, create("summary", {}, english.DETAILS), detail);
  const text = create("div", { class: "sw-errorbody" }, title, message, hint, facts, more);
  const goesOn = part.fields["fatal"] === false;
  const mark = icon(faultIcon(part.fields["fault"]));
  const element = create("div", { class: "sw-part", "data-kind": "error" }, mark, text);
  return {
    element,
    update({ fields }) {
      const fault = english.FAULTS[knownFault(fields["fault"])] ?? english.UNKNOWN_FAULT;
      const said = label(fields["message"], MESSAGE_CHARS);
      setAttribute(element, "data-fault", knownFault(fields["fault"]));
      setAttribute(element, "data-level", goesOn ? "warning" : null);
      setText(title, goesOn ? said || fault : fault);
      setText(message, goesOn ? "" : said);
      setText(hint, label(fields["hint"], MESSAGE_CHARS));
      setText(facts, factsOf(fields, goesOn));
      setText(detail, typeof fields["detail"] === "string" ? fields["detail"] : "");
      setHidden(more, !fields["detail"]);
    },
    dispose() {},
  };
}

const knownFault = (fault: Json | undefined): string =>
  typeof fault === "string" && Object.hasOwn(english.FAULTS, fault) ? fault : "other";

/** The base class of our errors is of no use to the reader, and if the run continues, no error was raised. */
const ROOT = "StreamWidgetError";
const OURS = /^(?:StreamWidget|Source|Decode|Limit|Transport|Response|Provider|Cut|Incomplete|Usage)Error$/;

function factsOf(fields: { [key: string]: Json }, goesOn: boolean): string {
  const code = label(fields["code"], 80);
  const retry = fields["retryable"] === true ? english.RETRY_MAY_HELP : "";
  const type = label(fields["error_type"], 80);
  const said = (goesOn ? OURS.test(type) : type === ROOT) || label(fields["message"]).includes(type); // `ValueError: no row`
  const whose = goesOn ? english.faultOwner(knownFault(fields["fault"])) : "";
  return english.beside([whose, said ? "" : type, code && english.errorCode(code), retry], " · ");
}
