/** The question of a turn: its text, its versions, and the field in which it is edited. */

import { create, icon, setAttribute, setHidden, setText } from "../base/dom.ts";
import { BACK, EDIT, FORTH } from "../base/icons.ts";
import * as english from "../words/english.ts";

interface Given {
  signal: AbortSignal;
  /** Asks the edited question; false if the kernel is disconnected. */
  ask(text: string): boolean;
  /** Shows the version that is `by` places away. */
  step(by: -1 | 1): void;
}

const QUESTION_CHARS = 100_000;
const MOST_PX = 300;

export class Question {
  readonly element: HTMLElement;
  readonly #given: Given;
  readonly #text = create("div", { class: "sw-question", dir: "auto" });
  readonly #back = button(BACK, english.PREVIOUS_VERSION);
  readonly #forth = button(FORTH, english.NEXT_VERSION);
  readonly #place = create("span", { class: "sw-version" });
  readonly #edit = button(EDIT, english.EDIT);
  readonly #versions = create("span", { class: "sw-versions", hidden: "" }, this.#back, this.#place, this.#forth);
  readonly #actions = create("div", { class: "sw-questionline" }, this.#versions, this.#edit);
  #editor: HTMLElement | null = null;
  #words = "";

  constructor(given: Given) {
    this.#given = given;
    const { signal } = given;
    this.element = create("div", { class: "sw-asked" }, this.#text, this.#actions);
    this.#back.addEventListener("click", () => given.step(-1), { signal });
    this.#forth.addEventListener("click", () => given.step(1), { signal });
    this.#edit.addEventListener("click", () => this.edit(), { signal });
  }

  /** Shows the text of a question that can be edited if `asked`: it was not only queued. */
  draw(text: string, asked: boolean): void {
    this.#words = text.slice(0, QUESTION_CHARS);
    setText(this.#text, this.#words);
    setHidden(this.#edit, !asked);
  }

  /** Shows which of `total` versions this is, from 1. */
  place(at: number, total: number): void {
    setHidden(this.#versions, total < 2);
    setText(this.#place, english.version(at, total));
    setAttribute(this.#place, "aria-label", english.versionShown(at, total));
    this.#back.disabled = at <= 1;
    this.#forth.disabled = at >= total;
  }

  /** Replaces the text by a field in which it can be edited. */
  edit(): void {
    if (this.#editor || this.#edit.hidden) return;
    const field = create("textarea", { class: "sw-field", rows: "1", dir: "auto", "aria-label": english.EDITED, maxlength: String(QUESTION_CHARS) });
    const send = create("button", { class: "sw-go", type: "button" }, english.SEND);
    const cancel = create("button", { type: "button" }, english.CANCEL);
    const line = create("div", { class: "sw-editline" }, cancel, send);
    this.#editor = create("div", { class: "sw-editor" }, create("div", { class: "sw-composerbox" }, field), line);
    field.value = this.#words;
    send.addEventListener("click", () => this.#send(field.value));
    cancel.addEventListener("click", () => this.#close());
    field.addEventListener("input", () => fit(field));
    field.addEventListener("keydown", (event) => this.#key(event, field));
    setHidden(this.#text, true);
    setHidden(this.#actions, true);
    this.element.append(this.#editor);
    fit(field);
    field.focus({ preventScroll: true });
    field.setSelectionRange(field.value.length, field.value.length);
  }

  #send(text: string): void {
    if (text.trim() !== "" && this.#given.ask(text)) this.#close(false);
  }

  /** Shows the text again; with `back`, the focus returns to its button. */
  #close(back = true): void {
    this.#editor?.remove();
    this.#editor = null;
    setHidden(this.#text, false);
    setHidden(this.#actions, false);
    if (back) this.#edit.focus({ preventScroll: true });
  }

  #key(event: KeyboardEvent, field: HTMLTextAreaElement): void {
    event.stopPropagation();
    if (event.isComposing) return; // Enter and Escape belong to the input method
    if (event.key === "Escape") this.#close();
    else if (event.key === "Enter" && !event.shiftKey && !event.altKey) this.#send(field.value);
    else return;
    event.preventDefault();
  }
}

function fit(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${Math.min(MOST_PX, field.scrollHeight)}px`;
}

const button = (path: string, words: string): HTMLButtonElement =>
  create("button", { class: "sw-iconic", type: "button", title: words, "aria-label": words }, icon(path));
