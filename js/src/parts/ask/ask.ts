/**
 * A question of the run to its reader: buttons, or a form; once it is closed, one line with the answer.
 *
 * The kernel decides: an answer counts when its event arrives, here and on every other page. Keys pressed here
 * belong to the form: none reaches the notebook, and Escape leaves the form and never stops the run.
 */

import { create, focusedIn, icon, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { CHECK, QUESTION } from "../../base/icons.ts";
import type { Json } from "../../base/json.ts";
import { finite, label } from "../../base/safety.ts";
import type { Part } from "../../protocol/patch.ts";
import { isFields } from "../../protocol/read-message.ts";
import { left } from "../../words/format.ts";
import * as english from "../../words/english.ts";
import type { Context, Mounted } from "../part-view.ts";
import { AnswerField } from "./answer-field.ts";
import { answerWords } from "./answer-words.ts";

const QUESTION_CHARS = 4000;
const DETAIL_CHARS = 50_000;
const LABEL_CHARS = 200;
/** Options that a digit key chooses. */
const KEYS_COUNT = 9;
/** Longer than an idle kernel takes to answer. */
const HEARD_WITHIN_MS = 1000;
/** Shortcuts for editing text; all others are meant for the application. */
const EDITING = /^(?:[acvxyz]|Enter|Arrow\w+|Home|End|Backspace|Delete)$/i;

let made = 0;

type Phase = "open" | "sent" | "locked" | "closed";

export class Ask implements Mounted {
  readonly element: HTMLElement;
  readonly #context: Context;
  readonly #question = create("div", { class: "sw-asktext", dir: "auto" });
  readonly #detail = create("pre", { class: "sw-askdetail", tabindex: "0", hidden: "" });
  readonly #form = create("div", { class: "sw-askform" });
  readonly #note = create("div", { class: "sw-asknote" });
  readonly #reply = create("div", { class: "sw-reply", hidden: "" });
  readonly #mark = create("span", { class: "sw-askmark" }, icon(QUESTION));
  readonly #buttons: HTMLButtonElement[] = [];
  readonly #fields: AnswerField[] = [];
  readonly #options: readonly string[];
  #part: Part;
  /** The number of the problem that was shown when the answer was sent. */
  #sent: { problem: Json | undefined; value: Json } | null = null;
  #notice = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #phase: Phase | null = null;

  constructor(part: Part, context: Context) {
    this.#part = part;
    this.#context = context;
    const { options } = part.fields;
    this.#options = Array.isArray(options) ? options.map(String) : [];
    const head = create("div", { class: "sw-askhead" }, this.#mark, this.#question);
    this.element = create("div", { class: "sw-part", "data-kind": "ask", role: "group", tabindex: "-1" }, head, this.#detail, this.#form, this.#reply, this.#note);
    made += 1;
    this.#question.id = `sw-asktext-${made}`;
    this.#note.id = `sw-asknote-${made}`;
    setAttribute(this.element, "aria-labelledby", this.#question.id);
    setAttribute(this.element, "aria-describedby", this.#note.id);
    if (this.#options.length > 0) this.#addOptions();
    else this.#addFields();
    this.element.addEventListener("keydown", (event) => this.#key(event), { signal: context.signal });
    context.controls.watch(() => this.#draw(), context.signal);
  }

  update(part: Part): void {
    this.#part = part;
    const { question, detail, about_part_id } = part.fields;
    setText(this.#question, label(question, QUESTION_CHARS));
    setAttribute(this.element, "data-type", about_part_id ? "approval" : this.#options.length > 0 ? "options" : "form");
    const text = typeof detail === "string" ? pretty(detail.slice(0, DETAIL_CHARS)) : "";
    setText(this.#detail, text);
    this.#draw();
  }

  tick(): void {
    this.#drawNote();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  // --- the form

  #addOptions(): void {
    const { signal } = this.#context;
    const row = create("div", { class: "sw-askoptions" });
    this.#options.forEach((option, at) => {
      const key = at < KEYS_COUNT && this.#options.length > 1 ? [create("kbd", { "aria-hidden": "true" }, String(at + 1))] : [];
      const button = create("button", { class: "sw-option", type: "button" }, ...key, create("span", {}, label(option, LABEL_CHARS)));
      button.addEventListener("click", () => this.#send(option), { signal });
      this.#buttons.push(button);
      row.append(button);
    });
    this.#form.append(row);
  }

  #addFields(): void {
    const { fields } = this.#part.fields;
    for (const field of Array.isArray(fields) ? fields.filter(isFields) : []) this.#fields.push(new AnswerField(field));
    const send = create("button", { class: "sw-option sw-submit", type: "button" }, english.SEND_ANSWER);
    send.addEventListener("click", () => this.#submit(), { signal: this.#context.signal });
    this.#buttons.push(send);
    const decline = label(this.#part.fields["decline"], LABEL_CHARS);
    const refuse = decline ? [create("button", { class: "sw-option", type: "button" }, decline)] : [];
    for (const button of refuse) {
      button.addEventListener("click", () => this.#send(null), { signal: this.#context.signal });
      this.#buttons.push(button);
    }
    const isSingle = this.#fields.length === 1;
    const box = create("div", { class: isSingle ? "sw-askfields sw-single" : "sw-askfields" }, ...this.#fields.map(({ element }) => element), create("div", { class: "sw-askends" }, send, ...refuse));
    this.#form.append(box);
  }

  /** Sends the form if every field is valid; else says what is wrong and moves to the first wrong field. */
  #submit(): void {
    const problems = this.#fields.map((field) => {
      const problem = field.problem();
      field.show(problem);
      return problem;
    });
    const first = problems.findIndex((problem) => problem !== "");
    if (first >= 0) {
      this.#context.answer(problems[first]!);
      return this.#fields[first]!.input.focus();
    }
    if (this.#fields.length === 1 && this.#fields[0]!.name === "") return this.#send(this.#fields[0]!.value);
    const entries = this.#fields.map(({ name, value }) => [name, value] as const).filter(([, value]) => value !== null);
    this.#send(Object.fromEntries(entries));
  }

  #send(value: Json): void {
    if (this.#phase !== "open") return;
    this.#sent = { problem: this.#part.fields["problem_s"], value };
    this.#notice = "";
    let heard = false;
    const there = this.#context.controls.answer(this.#part.id, value, () => {
      heard = true;
      this.#notice = "";
      this.#draw();
    });
    if (!there) {
      this.#sent = null;
      this.#notice = english.ANSWER_GONE;
    } else {
      this.#timer = setTimeout(() => {
        if (!heard) this.#notice = english.ANSWER_BUSY;
        this.#draw();
      }, HEARD_WITHIN_MS);
      this.#context.answer(english.SENDING_ANSWER);
    }
    this.#draw();
  }

  // --- drawing

  #draw(): void {
    const { fields } = this.#part;
    if (this.#sent && fields["problem"] && fields["problem_s"] !== this.#sent.problem) {
      this.#sent = null; // the kernel has refused the answer
      this.#context.answer(label(fields["problem"]));
    }
    const phase = this.#phaseNow();
    if (phase !== this.#phase) this.#enter(phase);
    this.#drawNote();
  }

  #phaseNow(): Phase {
    if (this.#part.fields["state"] !== "open") return "closed";
    if (!this.#context.controls.takes(this.#part.id)) return "locked";
    return this.#sent ? "sent" : "open";
  }

  #enter(phase: Phase): void {
    const held = this.element.contains(focusedIn(this.element));
    const before = this.#phase;
    this.#phase = phase;
    setAttribute(this.element, "data-state", phase);
    const isClosed = phase === "closed";
    setHidden(this.#form, isClosed);
    setHidden(this.#detail, isClosed || this.#detail.textContent === "");
    setHidden(this.#reply, !isClosed);
    this.#buttons.forEach((button, at) => {
      if (button.disabled !== (phase !== "open")) button.disabled = phase !== "open";
      const chosen = phase === "sent" && this.#options[at] === this.#sent?.value && this.#options.length > 0;
      setAttribute(button, "aria-pressed", chosen ? "true" : null);
    });
    for (const field of this.#fields) field.disabled = phase !== "open";
    if (before === null && phase === "open") this.#context.say(english.asks(label(this.#part.fields["question"], QUESTION_CHARS)));
    if (isClosed) this.#close(before);
    // what had the focus is disabled or hidden now, and the focus must not fall back to the page
    if (held && phase !== "open") this.element.focus({ preventScroll: true });
    else if (held && before === "sent") (this.#fields[0]?.input ?? this.#buttons[0])?.focus({ preventScroll: true });
  }

  #close(before: Phase | null): void {
    const { outcome, answer, by_default, started_s, ended_s } = this.#part.fields;
    const words = english.ASK_OUTCOMES[String(outcome ?? "withdrawn")] ?? english.NOT_ANSWERED;
    const how = by_default === true ? english.byDefault(words) : words;
    const isAnswered = outcome === "answered";
    setAttribute(this.element, "data-outcome", isAnswered ? "answered" : by_default === true ? "default" : "none");
    this.#mark.replaceChildren(icon(isAnswered ? CHECK : QUESTION));
    const value = answer === null || answer === undefined ? "" : answerWords(answer);
    const [start, end] = [finite(started_s), finite(ended_s)];
    const after = isAnswered && start !== null && end !== null ? english.answerAfter(end - start) : "";
    const shown = value ? [create("span", { class: "sw-chosen", dir: "auto" }, value)] : [];
    this.#reply.replaceChildren(...shown, create("span", { class: "sw-outcome" }, english.beside([value && isAnswered ? "" : how, after], " · ")));
    if (before !== null) this.#context.say(english.answered(label(this.#part.fields["question"]), value || how));
  }

  #drawNote(): void {
    const { fields } = this.#part;
    const problem = this.#phase === "open" ? label(fields["problem"], QUESTION_CHARS) : "";
    setAttribute(this.#note, "data-level", problem || this.#notice ? "warning" : null);
    const unanswered = this.#phase === "closed" && (fields["outcome"] ?? null) === null;
    setText(this.#note, this.#phase === "closed" ? (unanswered ? label(fields["hint"], QUESTION_CHARS) : "") : this.#notice || problem || this.#state());
    setHidden(this.#note, this.#note.textContent === "");
  }

  #state(): string {
    const { hint, timeout_s, started_s, default: given } = this.#part.fields;
    if (this.#phase === "locked") return label(hint, QUESTION_CHARS) || english.ASK_ELSEWHERE;
    if (this.#phase === "sent") return english.SENDING_ANSWER;
    const [limit, start, now] = [finite(timeout_s), finite(started_s), this.#context.elapsed_s()];
    if (limit === null || start === null || now === null) return "";
    const answer = given === null || given === undefined ? "" : answerWords(given);
    return english.defaultIn(left(Math.max(0, limit - (now - start))), answer);
  }

  // --- keys

  #key(event: KeyboardEvent): void {
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (chord && !EDITING.test(event.key)) return; // such as Ctrl+S
    if (this.#phase === "closed" && event.key === "Escape") return; // there is no form to leave
    event.stopPropagation();
    if (event.isComposing || chord) return; // Enter and Escape belong to the input method
    if (event.key === "Escape") this.#leave();
    else if (event.key === "Enter" && event.target instanceof HTMLInputElement) this.#submit();
    else if (!this.#chooses(event.key)) return;
    event.preventDefault();
  }

  /** A digit chooses an option, arrows move between them; false for other keys. */
  #chooses(key: string): boolean {
    if (this.#options.length === 0) return false;
    const number = /^[1-9]$/.test(key) ? Number(key) : 0;
    if (number > 0 && this.#options.length > 1) {
      this.#buttons[number - 1]?.click();
      return true;
    }
    const by = key === "ArrowRight" || key === "ArrowDown" ? 1 : key === "ArrowLeft" || key === "ArrowUp" ? -1 : 0;
    const at = this.#buttons.indexOf(focusedIn(this.element) as HTMLButtonElement);
    if (by === 0 || at < 0) return false;
    this.#buttons[(at + by + this.#buttons.length) % this.#buttons.length]!.focus();
    return true;
  }

  #leave(): void {
    const view = this.element.closest<HTMLElement>(".sw-view");
    view?.focus({ preventScroll: true });
  }
}

/** JSON is indented; anything else is unchanged. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
