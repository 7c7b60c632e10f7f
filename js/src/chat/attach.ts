/**
 * What the reader attaches to the next question: names of the notebook, and files. Files can be picked,
 * pasted and dropped. The kernel decides by their bytes whether they are texts or images.
 */

import { create, icon, setHidden, setText } from "../base/dom.ts";
import { ATTACH, CLOSE } from "../base/icons.ts";
import { openMenu } from "../base/menu.ts";
import type { Attachable, Attached } from "./chat-messages.ts";
import * as english from "../words/english.ts";

interface Given {
  /** What is attached; kept by the chat. */
  attached: Attached[];
  signal: AbortSignal;
  /** The view, in which the menu opens. */
  view(): HTMLElement;
  /** Requests the names of the notebook that can be attached; empty if the kernel does not answer. */
  list(): Promise<readonly Attachable[]>;
  /** Shows why a file is not attached; "" clears it. */
  say(problem: string): void;
  changed(): void;
}

const ATTACHED_COUNT = 8;
const ATTACHED_BYTES = 5_000_000;
/** Bytes that are turned into characters at once: a call takes a limited number of arguments. */
const PIECE_BYTES = 0x8000;
const SUGGESTED = "image/png,image/jpeg,image/gif,image/webp,text/*,.csv,.json,.md,.py,.sql,.yaml,.yml,.toml,.log";

export class Attach {
  readonly button = create("button", { class: "sw-iconic sw-attach", type: "button", title: english.ATTACH, "aria-label": english.ATTACH, "aria-haspopup": "menu" }, icon(ATTACH));
  readonly chips = create("div", { class: "sw-chips", role: "list", "aria-label": english.ATTACHED, hidden: "" });
  readonly #given: Given;
  readonly #picker = create("input", { type: "file", hidden: "" });

  constructor(given: Given) {
    this.#given = given;
    const { signal } = given;
    this.#picker.multiple = true;
    this.#picker.accept = SUGGESTED;
    this.button.addEventListener("click", () => void this.#open(), { signal });
    this.#picker.addEventListener("change", () => void this.#picked(), { signal });
    this.draw();
  }

  /** Takes files that are pasted or dropped into `box`. */
  listen(box: HTMLElement): void {
    const { signal } = this.#given;
    box.append(this.#picker);
    const take = (event: Event, files: FileList | undefined): void => {
      if (!files || files.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      void this.#add([...files]);
    };
    box.addEventListener("paste", (event) => take(event, event.clipboardData?.files), { signal });
    box.addEventListener("drop", (event) => take(event, event.dataTransfer?.files), { signal });
    const over = (event: DragEvent): void => {
      if (event.dataTransfer && [...event.dataTransfer.items].some(({ kind }) => kind === "file")) event.preventDefault();
    };
    box.addEventListener("dragover", over, { signal });
  }

  draw(): void {
    const { attached } = this.#given;
    setHidden(this.chips, attached.length === 0);
    this.chips.replaceChildren(...attached.map((one) => this.#chip(one)));
  }

  #chip(one: Attached): HTMLElement {
    const words = english.removeAttached(one.name);
    const remove = create("button", { class: "sw-iconic", type: "button", title: words, "aria-label": words }, icon(CLOSE));
    remove.addEventListener("click", () => {
      this.#given.attached.splice(this.#given.attached.indexOf(one), 1);
      this.#changed();
    });
    return chip(one, remove);
  }

  #changed(): void {
    this.draw();
    this.#given.changed();
  }

  async #open(): Promise<void> {
    const names = await this.#given.list();
    if (this.#given.signal.aborted) return;
    const items = [
      { words: english.CHOOSE_FILES, act: () => this.#picker.click() },
      ...names.map((one) => ({ words: english.attachable(one.name, one.kind, one.detail), act: () => this.#take({ name: one.name, kind: one.kind }) })),
    ];
    openMenu({ view: this.#given.view(), button: this.button, label: english.ATTACH, items });
  }

  async #picked(): Promise<void> {
    const files = [...(this.#picker.files ?? [])];
    this.#picker.value = ""; // the same file can be picked again
    await this.#add(files);
  }

  async #add(files: readonly File[]): Promise<void> {
    for (const file of files) {
      if (file.size > ATTACHED_BYTES) this.#given.say(english.fileTooLarge(file.name));
      else {
        const kind = file.type.startsWith("image/") ? "image" : "text";
        this.#take({ name: file.name || english.PASTED, kind, base64: await encoded(file) });
      }
    }
  }

  #take(one: Attached): void {
    const { attached, say } = this.#given;
    if (attached.length >= ATTACHED_COUNT) return say(english.TOO_MANY_ATTACHED);
    say("");
    attached.push(one);
    this.#changed();
  }
}

/** One attachment by its name; a name is text, whatever it contains. */
export function chip({ name, kind }: { name: string; kind: string }, ...more: HTMLElement[]): HTMLElement {
  const label = create("span", { class: "sw-chipname", title: name });
  setText(label, name);
  const words = create("span", { class: "sw-chipkind" });
  setText(words, english.attachedKind(kind));
  return create("div", { class: "sw-chip", role: "listitem", "data-kind": kind }, label, words, ...more);
}

async function encoded(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES)));
  return btoa(pieces.join(""));
}
