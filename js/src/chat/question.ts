/** The question of a turn: its text, its versions, and the field in which it is edited. */

import { create, icon, setAttribute, setHidden, setText } from "../base/dom.ts";
import { BACK, EDIT, FORTH } from "../base/icons.ts";
import { chip } from "./attach.ts";
import type { TurnFacts } from "./chat-messages.ts";
import { MOST_CHARS, TextField } from "../view/text-field.ts";
import * as english from "../words/english.ts";

interface Given {
  signal: AbortSignal;
  /** Asks the edited question; false if the kernel is disconnected. */
  ask(text: string): boolean;
  /** Shows the version that is `by` places away. */
  step(by: -1 | 1): void;
}

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
  readonly #below = create("div", { class: "sw-questionline" }, this.#versions);
  readonly #row = create("div", { class: "sw-questionrow" }, this.#edit, this.#text);
  readonly #chips = create("div", { class: "sw-chips", role: "list", "aria-label": english.ATTACHED, hidden: "" });
  #editor: HTMLElement | null = null;
  #words = "";

  constructor(given: Given) {
    this.#given = given;
    const { signal } = given;
    this.element = create("div", { class: "sw-asked" }, this.#chips, this.#row, this.#below);
    this.#back.addEventListener("click", () => given.step(-1), { signal });
    this.#forth.addEventListener("click", () => given.step(1), { signal });
    this.#edit.addEventListener("click", () => this.edit(), { signal });
  }

  /** Shows the text of a question that can be edited if `asked`: it was not only queued. */
  draw({ question, attachments }: TurnFacts, asked: boolean): void {
    this.#words = question.slice(0, MOST_CHARS);
    this.#chips.replaceChildren(...attachments.map((one) => chip(one)));
    setHidden(this.#chips, attachments.length === 0);
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
    const field = new TextField({
      label: english.EDITED,
      mostPx: MOST_PX,
      signal: this.#given.signal,
      send: () => this.#send(field.text),
      escape: () => this.#close(),
      typed: () => void (send.disabled = field.isEmpty),
    });
    const send = create("button", { class: "sw-go", type: "button" }, english.SEND);
    const cancel = create("button", { type: "button" }, english.CANCEL);
    const line = create("div", { class: "sw-editline" }, cancel, send);
    this.#editor = create("div", { class: "sw-editor" }, create("div", { class: "sw-composerbox" }, field.element), line);
    send.addEventListener("click", () => this.#send(field.text));
    cancel.addEventListener("click", () => this.#close());
    this.#showText(false);
    this.element.append(this.#editor);
    field.text = this.#words;
    field.focus();
    field.element.setSelectionRange(field.text.length, field.text.length);
  }

  #send(text: string): void {
    if (text.trim() !== "" && this.#given.ask(text)) this.#close(false);
  }

  /** Shows the text again; with `back`, the focus returns to its button. */
  #close(back = true): void {
    this.#editor?.remove();
    this.#editor = null;
    this.#showText(true);
    if (back) this.#edit.focus({ preventScroll: true });
  }

  #showText(shown: boolean): void {
    setHidden(this.#row, !shown);
    setHidden(this.#below, !shown);
  }
}

const button = (path: string, words: string): HTMLButtonElement =>
  create("button", { class: "sw-iconic", type: "button", title: words, "aria-label": words }, icon(path));
