/**
 * A number that the reader turns while the run reads it: a slider, where it has two bounds, and a field.
 *
 * The first change is sent at once, what follows within a moment is joined. What the reader has set is shown
 * until the kernel has received it; from then on the part says the value.
 */

import { create, isRightToLeft, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { finite, label } from "../../base/safety.ts";
import type { Part } from "../../protocol/patch.ts";
import * as english from "../../words/english.ts";
import type { Context, Mounted } from "../part-view.ts";
import { Scale } from "./knob-scale.ts";

/** As often as the kernel sends. */
const APART_MS = 33;
let made = 0;

export class Knob implements Mounted {
  readonly element: HTMLElement;
  readonly #context: Context;
  readonly #scale: Scale;
  readonly #name = create("span", { class: "sw-name" });
  readonly #slider: HTMLInputElement | null;
  readonly #field: HTMLInputElement;
  #part: Part;
  /** What the reader has set and the kernel has not received yet. */
  #mine: number | null = null;
  #unheard = 0;
  #sentAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(part: Part, context: Context) {
    this.#part = part;
    this.#context = context;
    this.#scale = new Scale(part.fields);
    const { least, greatest } = this.#scale;
    this.#slider = least !== null && greatest !== null ? create("input", { class: "sw-slider", type: "range", min: "0", max: "1" }) : null;
    this.#field = create("input", { class: "sw-entry sw-knobfield", type: "text", inputmode: "decimal", autocomplete: "off" });
    made += 1;
    this.#name.id = `sw-knob-${made}`;
    const row = create("div", { class: "sw-knobrow" });
    if (this.#slider) {
      setAttribute(this.#slider, "step", String(this.#scale.pitch));
      setAttribute(this.#slider, "aria-labelledby", this.#name.id);
      row.append(bound(least!), this.#slider, bound(greatest!));
    }
    this.element = create("div", { class: "sw-part", "data-kind": "knob" }, create("div", { class: "sw-knobline" }, this.#name, row, this.#field));
    const { signal } = context;
    this.#slider?.addEventListener("input", () => this.#set(this.#scale.at(Number(this.#slider!.value))), { signal });
    this.#slider?.addEventListener("keydown", (event) => this.#slide(event), { signal });
    this.#field.addEventListener("change", () => this.#entered(), { signal });
    this.#field.addEventListener("keydown", (event) => this.#key(event), { signal });
    context.controls.watch(() => this.#drawState(), signal);
    setHidden(row, this.#slider === null);
  }

  update(part: Part): void {
    this.#part = part;
    const name = label(part.fields["name"]) || english.KNOB;
    setText(this.#name, name);
    setAttribute(this.#field, "aria-label", english.knobNumber(name));
    this.#draw();
    this.#drawState();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  get #value(): number {
    return this.#mine ?? finite(this.#part.fields["value"]) ?? 0;
  }

  #draw(): void {
    const value = this.#value;
    if (this.#slider) {
      const at = String(this.#scale.place(value));
      if (this.#slider.value !== at) this.#slider.value = at;
      setAttribute(this.#slider, "aria-valuetext", numberWords(value));
      this.#slider.style.setProperty("--sw-filled", `${100 * this.#scale.place(value)}%`);
    }
    if (this.#field.ownerDocument.activeElement !== this.#field || this.#mine !== null) this.#write(value);
  }

  #write(value: number): void {
    const text = numberWords(value);
    if (this.#field.value !== text) this.#field.value = text;
  }

  #drawState(): void {
    const open = this.#context.controls.takes(this.#part.id);
    setAttribute(this.element, "data-state", open ? "open" : "closed");
    for (const input of [this.#slider, this.#field]) if (input && input.disabled === open) input.disabled = !open;
  }

  #entered(): void {
    const value = Number(this.#field.value.trim().replace(",", "."));
    if (this.#field.value.trim() === "" || !Number.isFinite(value)) return this.#write(this.#value);
    this.#set(this.#scale.within(value));
  }

  #set(value: number): void {
    this.#mine = value;
    this.#draw();
    const now = performance.now();
    const wait = this.#sentAt + APART_MS - now;
    clearTimeout(this.#timer);
    if (wait <= 0) this.#send();
    else this.#timer = setTimeout(() => this.#send(), wait);
  }

  #send(): void {
    if (this.#mine === null) return;
    this.#sentAt = performance.now();
    this.#unheard += 1;
    const value = this.#mine;
    const there = this.#context.controls.turn(this.#part.id, value, () => {
      this.#unheard -= 1;
      if (this.#unheard > 0 || this.#mine !== value) return;
      this.#mine = null;
      this.#draw();
    });
    if (!there) this.#unheard -= 1;
  }

  /** The keys of a slider, as browsers have them: the notebook prevents some of them. */
  #slide(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const value = this.#scale.byKey(this.#value, event.key, isRightToLeft(this.element));
    if (value === null) return;
    event.stopPropagation();
    event.preventDefault();
    this.#set(value);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab") return;
    event.stopPropagation();
    if (event.key === "Escape") {
      this.#write(this.#value);
      this.element.closest<HTMLElement>(".sw-view")?.focus({ preventScroll: true });
    } else if (event.key === "Enter") this.#entered();
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.#set(this.#scale.beside(this.#value, event.key === "ArrowUp" ? 1 : -1));
    else return;
    event.preventDefault();
  }
}

const bound = (value: number): HTMLElement => create("span", { class: "sw-bound" }, numberWords(value));

/** All digits that matter, as a person would type them: `0.0003`, `1e-5`. */
function numberWords(value: number): string {
  const near = Number(value.toPrecision(12));
  const size = Math.abs(near);
  return size !== 0 && (size < 1e-4 || size >= 1e15) ? near.toExponential().replace("e+", "e") : String(near);
}
