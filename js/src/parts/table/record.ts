/** One row of a table in full, below it. */

import { aim, bareLink, create, setHidden, setText } from "../../base/dom.ts";
import { addressOf } from "../../base/safety.ts";
import type { Json } from "../../protocol/wire.ts";
import { fullText } from "./cells.ts";
import type { Column } from "./cells.ts";
import * as english from "../../words/english.ts";

export class RowRecord {
  readonly element = create("div", { class: "sw-record", hidden: "" });
  readonly #leave: () => void;

  /** `leave` is called when the reader closes it. */
  constructor(leave: () => void) {
    this.#leave = leave;
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Shows the row at index `at` of all rows. */
  open(at: number, columns: readonly Column[], row: Json | undefined): void {
    const cells = Array.isArray(row) ? row : [];
    const lines = columns.map((column, n) => {
      const value = create("span", { class: "sw-cell" }, linked(column, cells[n]));
      return create("div", {}, create("span", { class: "sw-key" }, column.name), value);
    });
    const close = create("button", { class: "sw-plain", type: "button" }, english.CLOSE);
    close.addEventListener("click", () => this.close());
    this.element.replaceChildren(create("div", { class: "sw-caption" }, english.rowNumber(at + 1), close), ...lines);
    setHidden(this.element, false);
  }

  close(): void {
    setHidden(this.element, true);
    this.#leave();
  }
}

function linked(column: Column, value: Json | undefined): Node | string {
  if (column.type !== "link") return fullText(value);
  const link = bareLink();
  setText(link, fullText(value));
  aim(link, addressOf(value));
  return link;
}
