/** A confirmation below the header, with an action and a cancel button, which gets the focus. */

import { create, focusedIn } from "../base/dom.ts";
import * as english from "../words/english.ts";

export class Confirm {
  readonly element = create("div", { class: "sw-confirm", role: "alertdialog", hidden: "" });
  #close: (() => void) | null = null;

  /** Asks `question`; `act` runs if the reader agrees. Escape and the second button cancel. */
  ask(question: string, verb: string, act: () => void): void {
    this.#close?.();
    const back = focusedIn(this.element);
    const go = create("button", { class: "sw-go", type: "button" }, verb);
    const leave = create("button", { type: "button" }, english.CANCEL);
    const close = (): void => {
      this.element.hidden = true;
      this.element.replaceChildren();
      this.#close = null;
      if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
    };
    this.#close = close;
    go.addEventListener("click", () => {
      close();
      act();
    });
    leave.addEventListener("click", close);
    this.element.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      close();
    };
    this.element.setAttribute("aria-label", question);
    this.element.replaceChildren(create("span", {}, question), go, leave);
    this.element.hidden = false;
    leave.focus({ preventScroll: true });
  }
}
