/**
 * The input line for messages to a two-way stream, below the document, as long as the
 * source takes messages. The kernel shows sent messages in the document.
 */

import type { Clock } from "../base/clock.ts";
import { create, focusedIn, icon, setAttribute, setText } from "../base/dom.ts";
import { SEND } from "../base/icons.ts";
import type { Store } from "../protocol/store.ts";
import { TextField } from "./text-field.ts";
import * as english from "../words/english.ts";

interface Given {
  store: Store;
  clock: Clock;
  signal: AbortSignal;
  /** Its container, above the footer. */
  view: HTMLElement;
  /** Announces something to screen readers. */
  say(words: string): void;
}

const MOST_PX = 144;
/** Longer than an idle kernel takes to answer. */
const HEARD_WITHIN_MS = 1000;
export class Composer {
  readonly element: HTMLElement;
  readonly #given: Given;
  readonly #text: TextField;
  readonly #field: HTMLTextAreaElement;
  readonly #button = create("button", { class: "sw-iconic sw-send", type: "button", title: english.SEND, "aria-label": english.SEND }, icon(SEND));
  readonly #note = create("div", { class: "sw-sendnote" });
  /** Messages that the kernel has not received yet. */
  #unheard = 0;
  #problem = "";

  constructor(given: Given) {
    this.#given = given;
    const { store, signal } = given;
    this.#text = new TextField({
      label: english.MESSAGE,
      mostPx: MOST_PX,
      signal,
      send: () => this.#send(),
      escape: () => this.#leave(),
      typed: () => this.#typed(),
    });
    this.#field = this.#text.element;
    const box = create("div", { class: "sw-composerbox" }, this.#field, this.#button);
    this.element = create("div", { class: "sw-composer", role: "group", "aria-label": english.SEND_MESSAGE }, box, this.#note);
    this.#button.addEventListener("click", () => this.#send(), { signal });
    store.subscribe(() => this.#draw(), signal);
    this.#draw();
    given.view.querySelector(":scope > .sw-foot")!.before(this.element);
  }

  #leave(): void {
    this.#given.view.focus({ preventScroll: true });
  }

  #draw(): void {
    const { store } = this.#given;
    const open = store.alive && store.status.can_send === true && store.link.state !== "gone";
    if (this.#field.readOnly === open) {
      const held = focusedIn(this.#field) === this.#field;
      this.#field.readOnly = !open; // not disabled: what was typed can still be copied
      setAttribute(this.#field, "aria-disabled", open ? null : "true");
      if (!open && held && this.#field.value === "") this.#leave();
    }
    setAttribute(this.element, "data-state", open ? "open" : "closed");
    setAttribute(this.#field, "placeholder", open ? english.MESSAGE : this.#closedWords());
    this.#button.disabled = !open || this.#text.isEmpty;
    setText(this.#note, this.#problem || (open ? english.HOW_TO_SEND : ""));
    setAttribute(this.#note, "data-level", this.#problem ? "warning" : null);
  }

  #closedWords(): string {
    const { state } = this.#given.store.status;
    if (state === "paused") return english.SEND_PAUSED;
    if (state === "reconnecting") return english.SEND_RECONNECTING;
    return english.SEND_OVER;
  }

  #typed(): void {
    this.#problem = "";
    this.#draw();
  }

  #send(): void {
    const { text } = this.#text;
    if (this.#text.isEmpty || this.#button.disabled) return;
    const { store, clock, say } = this.#given;
    let heard = false;
    this.#unheard += 1;
    const message = store.command("send", { text }, () => {
      heard = true;
      this.#heard();
    });
    if (message === null) return this.#failed();
    clock.after(HEARD_WITHIN_MS, () => {
      if (heard) return;
      this.#problem = english.SEND_BUSY;
      this.#draw();
    });
    this.#text.text = "";
    this.#text.focus();
    say(english.MESSAGE_SENT);
  }

  #heard(): void {
    this.#unheard -= 1;
    if (this.#unheard > 0 || this.#problem !== english.SEND_BUSY) return;
    this.#problem = "";
    this.#draw();
  }

  /** The text stays in the field, so that it is not lost. */
  #failed(): void {
    this.#unheard -= 1;
    this.#problem = english.SEND_GONE;
    this.#draw();
  }
}
