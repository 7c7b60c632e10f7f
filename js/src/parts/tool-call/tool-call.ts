/**
 * A tool call on one line: its name, arguments, state and duration.
 * Arguments and result are folded; JSON is indented once it is complete.
 */

import { create, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { duration } from "../../words/format.ts";
import { textOf } from "../../protocol/patch.ts";
import type { Part } from "../../protocol/patch.ts";
import { finite, label } from "../../base/safety.ts";
import type { Json } from "../../protocol/wire.ts";
import { MarkdownEngine } from "../../markdown/engine.ts";
import type { Context, Mounted } from "../part-view.ts";
import { isWritten } from "../text/inline-line.ts";
import * as english from "../../words/english.ts";

/** Longer arguments do not fit on one line, and parsing them at each delta would be slow. */
const PREVIEW_CHARS = 2000;
/** A longer result is truncated on the page; the kernel has all of it. */
const SHOWN_CHARS = 50_000;

type CallState = keyof typeof english.CALL_STATES;

export function mountToolCall(part: Part, context: Context): Mounted {
  const name = create("span", { class: "sw-name" });
  const given = create("span", { class: "sw-lastline sw-given" });
  const word = create("span", { class: "sw-word" });
  const time = create("span", { class: "sw-time" });
  const box = (title: string): { pre: HTMLElement; element: HTMLElement } => {
    const pre = create("pre", { tabindex: "0" });
    return { pre, element: create("div", { class: "sw-box" }, create("div", { class: "sw-caption" }, title), pre) };
  };
  const [asked, answer] = [box(english.ARGUMENTS), box(english.RESULT)];
  const element = create(
    "details",
    { class: "sw-part", "data-kind": "tool-call" },
    create("summary", {}, name, given, word, time),
    asked.element,
    answer.element,
  );
  const written = create("div", { class: "sw-markdown", hidden: "" });
  answer.element.append(written);
  let shown = part;
  let answered: string | null = null;
  /** A result in Markdown is drawn as Markdown; anything else is shown unchanged. */
  const drawAnswer = (text: string, isError: boolean): void => {
    if (text === answered) return;
    answered = text;
    const asMarkdown = !isError && text.length <= SHOWN_CHARS && isWritten(text) && pretty(text) === text;
    setHidden(answer.pre, asMarkdown);
    setHidden(written, !asMarkdown);
    written.replaceChildren();
    setText(answer.pre, asMarkdown ? "" : pretty(text));
    if (!asMarkdown) return;
    const engine = new MarkdownEngine(written, context.markdown);
    engine.feed(text);
    engine.finish();
  };
  const unfolded = (): void => {
    if (!element.open) return;
    const { result, is_error } = shown.fields;
    setText(asked.pre, pretty(textOf(shown)));
    setHidden(asked.element, shown.pieces.length === 0);
    setText(answer.element.firstElementChild!, is_error === true ? english.ERROR : english.RESULT);
    drawAnswer(typeof result === "string" ? result : JSON.stringify(result ?? ""), is_error === true);
    setHidden(answer.element, result === null || result === undefined);
  };
  const drawTime = (elapsed_s: number | null): void => setText(time, timeOf(shown, elapsed_s));
  element.addEventListener("toggle", unfolded);
  return {
    element,
    update(now) {
      shown = now;
      const state = stateOf(now, context.alive());
      setAttribute(element, "data-state", state);
      setText(name, label(now.fields["tool_name"]) || english.TOOL_CALL);
      setText(given, previewOf(now, state));
      setText(word, english.CALL_STATES[state]);
      drawTime(context.elapsed_s());
      unfolded();
    },
    tick: drawTime,
    dispose: () => element.removeEventListener("toggle", unfolded),
  };
}

/** True if the call has ended with an error. */
export const hasFailed = ({ fields: { result, is_error } }: Part): boolean =>
  result !== null && result !== undefined && is_error === true;

function stateOf({ fields }: Part, alive: boolean): CallState {
  if (fields["is_denied"] === true) return "denied";
  if (fields["result"] !== null && fields["result"] !== undefined) return fields["is_error"] === true ? "failed" : "done";
  if (fields["state"] !== "closed") return "open";
  return finite(fields["ended_s"]) === null && alive ? "running" : "unanswered";
}

function timeOf({ fields }: Part, elapsed_s: number | null): string {
  const started_s = finite(fields["started_s"]);
  const ended_s = finite(fields["ended_s"]);
  if (started_s === null) return "";
  if (ended_s !== null) return duration(ended_s - started_s);
  return fields["state"] === "closed" && elapsed_s === null ? "" : duration(Math.max(0, (elapsed_s ?? started_s) - started_s));
}

/** `query: "progress bars", limit: 20`; while they are arriving, their end. */
function previewOf(part: Part, state: CallState): string {
  const pieces = part.pieces;
  if (state === "open") return label(pieces.slice(-40).join("").slice(-200));
  if (pieces.reduce((total, piece) => total + piece.length, 0) > PREVIEW_CHARS) return label(pieces[0]!, 200);
  try {
    const value = JSON.parse(textOf(part)) as Json;
    if (value === null || typeof value !== "object" || Array.isArray(value)) return label(textOf(part));
    return label(Object.entries(value).map(([key, one]) => `${key}: ${JSON.stringify(one)}`).join(", "));
  } catch {
    return label(textOf(part));
  }
}

/** JSON indented once it is complete; unchanged until then. */
function pretty(text: string): string {
  const cut = text.length > SHOWN_CHARS;
  if (cut) return `${text.slice(0, SHOWN_CHARS)}\n${english.moreCharacters(text.length - SHOWN_CHARS)}`;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
