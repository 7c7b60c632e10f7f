/**
 * The input line of a chat: Enter asks, Shift+Enter begins a new line, Escape stops the live answer.
 *
 * Keys pressed here belong to the text: none reaches the notebook.
 */

import { create, icon, setAttribute, setHidden, setText } from "../base/dom.ts";
import { SEND } from "../base/icons.ts";
import * as english from "../words/english.ts";

interface Given {
  placeholder: string;
  signal: AbortSignal;
  /** Asks; false if the kernel is disconnected. */
  ask(text: string): boolean;
  /** Stops the live answer; false if there is none. */
  stop(): boolean;
  /** Opens the last question to be edited; false if there is none. */
  editLast(): boolean;
  /** Moves the focus to the chat. */
  leave(): void;
}

/** What the line shows beside its text. */
export interface LineState {
  /** True while an answer streams. */
  busy: boolean;
  /** True if no kernel can answer. */
  gone: boolean;
  /** The hint below the line. */
  hint: string;
}

/** A longer question should be asked with `chat.ask`. */
const QUESTION_CHARS = 100_000;
const MOST_PX = 200;
/** Shortcuts for editing text; all others are meant for the application. */
const EDITING = /^(?:[acvxyz]|Enter|Arrow\w+|Home|End|Backspace|Delete)$/i;

export class AskLine {
  readonly element: HTMLElement;
  readonly #given: Given;
  readonly #field: HTMLTextAreaElement;
  readonly #send = create("button", { class: "sw-iconic sw-send", type: "button", title: english.SEND, "aria-label": english.SEND }, icon(SEND));
  readonly #stop = create("button", { class: "sw-iconic sw-halt", type: "button", title: english.STOP_ANSWER, "aria-label": english.STOP_ANSWER, hidden: "" });
  readonly #note = create("div", { class: "sw-sendnote" });
  #state: LineState = { busy: false, gone: false, hint: "" };
  #problem = "";

  constructor(given: Given) {
    this.#given = given;
    const { signal } = given;
    const placeholder = given.placeholder || english.ASK;
    this.#field = create("textarea", { class: "sw-field", rows: "1", dir: "auto", placeholder, "aria-label": placeholder, maxlength: String(QUESTION_CHARS) });
    const box = create("div", { class: "sw-composerbox" }, this.#field, this.#stop, this.#send);
    this.element = create("div", { class: "sw-composer", role: "group", "aria-label": placeholder }, box, this.#note);
    this.#field.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#field.addEventListener("input", () => this.#typed(), { signal });
    this.#send.addEventListener("click", () => this.#ask(), { signal });
    this.#stop.addEventListener("click", () => void given.stop(), { signal });
    this.draw(this.#state);
  }

  draw(state: LineState): void {
    this.#state = state;
    setAttribute(this.element, "data-state", state.gone ? "closed" : "open");
    if (this.#field.readOnly !== state.gone) this.#field.readOnly = state.gone; // the text can still be copied
    const disabled = state.gone || this.#field.value.trim() === "";
    if (this.#send.disabled !== disabled) this.#send.disabled = disabled;
    setHidden(this.#stop, !state.busy || state.gone);
    setText(this.#note, state.gone ? english.CHAT_GONE : this.#problem || state.hint);
    setAttribute(this.#note, "data-level", state.gone || this.#problem !== "" ? "warning" : null);
  }

  /** Puts a question back that was not asked, and says why; what was typed since then stays. */
  giveBack(text: string, problem: string): void {
    this.#field.value = [text, this.#field.value].filter((one) => one.trim() !== "").join("\n");
    this.#fit();
    this.#problem = problem;
    this.draw(this.#state);
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  #typed(): void {
    this.#problem = "";
    this.#fit();
    this.draw(this.#state);
  }

  /** Fits the height to the lines, up to a limit. */
  #fit(): void {
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(MOST_PX, this.#field.scrollHeight)}px`;
  }

  #ask(): void {
    const text = this.#field.value;
    if (text.trim() === "" || this.#send.disabled) return;
    if (!this.#given.ask(text)) return this.giveBack("", english.ASK_GONE);
    this.#field.value = "";
    this.focus();
    this.#typed();
  }

  #key(event: KeyboardEvent): void {
    const chord = event.ctrlKey || event.metaKey;
    if (chord && !EDITING.test(event.key)) return; // such as Ctrl+S
    event.stopPropagation();
    if (event.isComposing) return; // Enter and Escape belong to the input method
    if (event.key === "Escape") {
      if (!this.#given.stop()) this.#given.leave();
    } else if (event.key === "ArrowUp" && this.#field.value === "") {
      if (!this.#given.editLast()) return;
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) this.#ask();
    else return;
    event.preventDefault();
  }
}
