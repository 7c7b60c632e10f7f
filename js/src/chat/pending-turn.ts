/** A question that the kernel has not taken yet: it is being sent, or it was not sent and can be sent again. */

import { create, setAttribute, setHidden, setText } from "../base/dom.ts";
import type { Pending } from "./chat-state.ts";
import * as english from "../words/english.ts";

interface Given {
  signal: AbortSignal;
  again(pending: Pending): void;
  discard(pending: Pending): void;
}

const WORDS = { sending: english.SENDING, busy: english.ASK_BUSY, unsent: english.NOT_SENT };

export class PendingTurn {
  readonly element: HTMLElement;
  readonly #question = create("div", { class: "sw-question", dir: "auto" });
  readonly #words = create("span", { class: "sw-word", role: "status" });
  readonly #again = create("button", { class: "sw-go", type: "button" }, english.SEND_AGAIN);
  readonly #discard = create("button", { type: "button" }, english.REMOVE);
  #pending: Pending | null = null;

  constructor({ signal, again, discard }: Given) {
    const line = create("div", { class: "sw-turnline" }, this.#words, this.#discard, this.#again);
    this.element = create("div", { class: "sw-turn" }, this.#question, line);
    this.#again.addEventListener("click", () => this.#pending && again(this.#pending), { signal });
    this.#discard.addEventListener("click", () => this.#pending && discard(this.#pending), { signal });
  }

  draw(pending: Pending): void {
    this.#pending = pending;
    const { state, text } = pending;
    setAttribute(this.element, "data-state", state === "unsent" ? "unsent" : "sending");
    setText(this.#question, text);
    setText(this.#words, WORDS[state]);
    setHidden(this.#again, state !== "unsent");
    setHidden(this.#discard, state !== "unsent");
  }
}
