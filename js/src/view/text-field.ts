/**
 * A field for a text that is sent: it grows with its lines, Enter sends, Shift+Enter begins a new line.
 *
 * The keys of a text stay here, so that none is a command of the notebook. All others, such as Ctrl+S,
 * are meant for the application.
 */

import { create } from "../base/dom.ts";

interface Given {
  /** Names the field for screen readers. */
  label: string;
  placeholder?: string;
  /** Greatest height in CSS pixels; a longer text scrolls. */
  mostPx: number;
  signal: AbortSignal;
  send(): void;
  /** Handles Escape. */
  escape(): void;
  /** Called after each change of the text by the reader. */
  typed(): void;
  /** Handles Arrow up in the empty field; false if it does nothing. */
  recall?(): boolean;
}

/** A longer text should be sent from Python. */
export const MOST_CHARS = 100_000;
/** Keys of a text that are not characters. A Shift that JupyterLab sees makes it take the line break of Shift+Enter. */
const OF_TEXT = /^(?:Arrow\w+|Page\w+|Home|End|Backspace|Delete|Enter|Escape|Shift|Dead|Process)$/;
/** Editing shortcuts with Ctrl or ⌘, and those with Shift too. */
const CHORD = /^(?:[acvxyz]|Arrow\w+|Home|End|Backspace|Delete|Enter)$/i;
const SHIFT_CHORD = /^(?:[vz]|Arrow\w+|Home|End|Backspace|Delete)$/i;
/** The code of keys that an input method takes; Safari reports its Enter after the end of the composition. */
const COMPOSED = 229;

export class TextField {
  readonly element: HTMLTextAreaElement;
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
    const { label, placeholder, signal } = given;
    this.element = create("textarea", { class: "sw-field", rows: "1", dir: "auto", "aria-label": label, maxlength: String(MOST_CHARS) });
    if (placeholder !== undefined) this.element.placeholder = placeholder;
    this.element.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.element.addEventListener("input", () => this.#typed(), { signal });
  }

  get text(): string {
    return this.element.value;
  }

  set text(text: string) {
    this.element.value = text.slice(0, MOST_CHARS);
    this.#typed();
  }

  get isEmpty(): boolean {
    return this.text.trim() === "";
  }

  focus(): void {
    this.element.focus({ preventScroll: true });
  }

  /** Fits the height to the lines, where the style sheet cannot (`field-sizing`). */
  fit(): void {
    if (CSS.supports("field-sizing", "content")) return;
    const { style } = this.element;
    style.height = "auto";
    if (this.element.scrollHeight > 0) style.height = `${Math.min(this.#given.mostPx, this.element.scrollHeight)}px`;
  }

  #typed(): void {
    this.fit();
    this.#given.typed();
  }

  #key(event: KeyboardEvent): void {
    if (!isOfText(event)) return;
    event.stopPropagation();
    if (event.isComposing || event.keyCode === COMPOSED) return; // Enter and Escape belong to the input method
    if (this.#acts(event)) event.preventDefault();
  }

  /** True if the key did something other than to change the text. */
  #acts({ key, shiftKey, altKey }: KeyboardEvent): boolean {
    if (key === "ArrowUp") return this.text === "" && this.#given.recall?.() === true;
    if (key === "Escape") this.#given.escape();
    else if (key === "Enter" && !shiftKey && !altKey) this.#given.send();
    else return false;
    return true;
  }
}

/** True for a key that a text needs. */
function isOfText(event: KeyboardEvent): boolean {
  const { key } = event;
  if (event.isComposing || event.getModifierState?.("AltGraph")) return true; // a character, with Ctrl and Alt on Windows
  if (!event.ctrlKey && !event.metaKey) return [...key].length === 1 || OF_TEXT.test(key);
  if (event.altKey) return false;
  return (event.shiftKey ? SHIFT_CHORD : CHORD).test(key);
}
