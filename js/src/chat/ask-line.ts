/**
 * The input line of a chat: Enter asks, Shift+Enter begins a new line, Escape stops the live answer.
 */

import { create, icon, setAttribute, setHidden, setText } from "../base/dom.ts";
import { SEND } from "../base/icons.ts";
import { Attach } from "./attach.ts";
import type { Attachable, Attached } from "./chat-messages.ts";
import { TextField } from "../view/text-field.ts";
import * as english from "../words/english.ts";

interface Given {
  placeholder: string;
  /** What was typed before the view was drawn again. */
  draft: string;
  signal: AbortSignal;
  /** What is attached to the next question. */
  attached: Attached[];
  /** The view of the chat. */
  view(): HTMLElement;
  /** The names of the notebook that can be attached. */
  attachable(): Promise<readonly Attachable[]>;
  /** Asks; false if the kernel is disconnected. */
  ask(text: string, attached: readonly Attached[]): boolean;
  /** Stops the live answer; false if there is none. */
  stop(): boolean;
  /** Opens the last question to be edited; false if there is none. */
  editLast(): boolean;
  /** Moves the focus to the chat. */
  leave(): void;
  /** Keeps what is typed. */
  keep(draft: string): void;
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

const MOST_PX = 200;

export class AskLine {
  readonly element: HTMLElement;
  readonly #given: Given;
  readonly #text: TextField;
  readonly #send = create("button", { class: "sw-iconic sw-send", type: "button", title: english.SEND, "aria-label": english.SEND }, icon(SEND));
  readonly #stop = create("button", { class: "sw-iconic sw-halt", type: "button", title: english.STOP_ANSWER, "aria-label": english.STOP_ANSWER, hidden: "" });
  readonly #note = create("div", { class: "sw-sendnote" });
  readonly #attach: Attach;
  #state: LineState = { busy: false, gone: false, hint: "" };
  #problem = "";

  constructor(given: Given) {
    this.#given = given;
    const { signal } = given;
    const placeholder = given.placeholder || english.ASK;
    this.#text = new TextField({
      label: placeholder,
      placeholder,
      mostPx: MOST_PX,
      signal,
      send: () => this.#ask(),
      escape: () => given.stop() || given.leave(),
      typed: () => this.#typed(),
      recall: () => given.editLast(),
    });
    this.#attach = new Attach({
      attached: given.attached,
      signal,
      view: given.view,
      list: given.attachable,
      say: (problem) => this.#say(problem),
      changed: () => this.focus(),
    });
    const box = create("div", { class: "sw-composerbox" }, this.#attach.button, this.#text.element, this.#stop, this.#send);
    this.element = create("div", { class: "sw-composer", role: "group", "aria-label": placeholder }, this.#attach.chips, box, this.#note);
    this.#attach.listen(this.element);
    this.#send.addEventListener("click", () => this.#ask(), { signal });
    this.#stop.addEventListener("click", () => void given.stop(), { signal });
    if (given.draft !== "") this.#text.text = given.draft;
    this.draw(this.#state);
  }

  draw(state: LineState): void {
    this.#state = state;
    setAttribute(this.element, "data-state", state.gone ? "closed" : "open");
    const { element } = this.#text;
    if (element.readOnly !== state.gone) element.readOnly = state.gone; // the text can still be copied
    const disabled = state.gone || this.#text.isEmpty;
    if (this.#send.disabled !== disabled) this.#send.disabled = disabled;
    if (this.#attach.button.disabled !== state.gone) this.#attach.button.disabled = state.gone;
    setHidden(this.#stop, !state.busy || state.gone);
    setText(this.#note, state.gone ? english.CHAT_GONE : this.#problem || state.hint);
    setAttribute(this.#note, "data-level", state.gone || this.#problem !== "" ? "warning" : null);
  }

  #say(problem: string): void {
    this.#problem = problem;
    this.draw(this.#state);
  }

  /** Puts a question back that was not asked, and says why; what was typed since then stays. */
  giveBack(text: string, problem: string, attached: readonly Attached[] = []): void {
    this.#given.attached.unshift(...attached);
    this.#attach.draw();
    this.#text.text = [text, this.#text.text].filter((one) => one.trim() !== "").join("\n");
    this.#say(problem);
  }

  focus(): void {
    this.#text.focus();
  }

  #typed(): void {
    this.#problem = "";
    this.#given.keep(this.#text.text);
    this.draw(this.#state);
  }

  #ask(): void {
    if (this.#text.isEmpty || this.#send.disabled) return;
    const { ask, attached } = this.#given;
    if (!ask(this.#text.text, [...attached])) return this.giveBack("", english.ASK_GONE);
    attached.length = 0;
    this.#attach.draw();
    this.#text.text = "";
    this.focus();
  }
}
