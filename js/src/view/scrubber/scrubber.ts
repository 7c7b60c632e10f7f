/**
 * The controls of a replay: a slider of the recorded time, the speed, and buttons for the
 * next step, tool call and error. The kernel computes the state at a time; nothing is computed here.
 *
 * Keys while it has the focus: the arrows move by a second, Page Up and Page Down by a tenth, Home and End
 * to the ends; `s`, `t` and `e` move to the next step, tool call and error, with Shift to the previous one.
 */

import type { Clock } from "../../base/clock.ts";
import { create, focusedIn, setAttribute, setText } from "../../base/dom.ts";
import type { Store } from "../../protocol/store.ts";
import * as english from "../../words/english.ts";

interface Given {
  store: Store;
  clock: Clock;
  signal: AbortSignal;
  /** Its container, above the footer. */
  view: HTMLElement;
}

const SPEEDS = [1, 2, 5, 10, 20, 50];
/** Shortest time between two requests of a drag: each answer is a whole document. */
const SEEK_EVERY_MS = 120;
const TICK_MS = 250;
const PAGES_COUNT = 10;
const MARKS = [
  { kind: "step", key: "s" },
  { kind: "tool-call", key: "t" },
  { kind: "error", key: "e" },
] as const;

export class Scrubber {
  readonly element: HTMLElement;
  readonly #given: Given;
  readonly #slider = create("input", { class: "sw-seek", type: "range", "aria-label": english.RECORDING_TIME });
  readonly #time = create("span", { class: "sw-seektime" });
  readonly #speed = create("select", { class: "sw-speed", "aria-label": english.SPEED });
  /** True while the reader drags the slider: then it does not follow the run. */
  #held = false;
  /** True while a key is held down. */
  #keyed = false;
  #wanted: number | null = null;
  #cancelSeek: (() => void) | null = null;
  #cancelTick: (() => void) | null = null;

  constructor(given: Given) {
    this.#given = given;
    const { store, signal } = given;
    this.#slider.min = "0";
    this.#slider.step = "1";
    for (const speed of SPEEDS) this.#speed.append(create("option", { value: String(speed) }, english.times(speed)));
    const marks = MARKS.map(({ kind, key }) => {
      const title = english.nextMarkHint(kind, key);
      const button = create("button", { type: "button", title }, english.nextMark(kind));
      button.addEventListener("click", (event) => this.#mark(kind, event.shiftKey), { signal });
      return button;
    });
    this.element = create(
      "div",
      { class: "sw-scrubber", role: "group", "aria-label": english.RECORDING },
      this.#slider,
      this.#time,
      this.#speed,
      ...marks,
    );
    this.#slider.addEventListener("input", () => this.#dragged(), { signal });
    this.#slider.addEventListener("change", () => this.#released(), { signal });
    this.#speed.addEventListener("change", () => this.#ask("speed", { speed: Number(this.#speed.value) }), { signal });
    this.element.addEventListener("keydown", (event) => this.#key(event), { signal });
    for (const end of ["keyup", "focusout"]) this.element.addEventListener(end, () => this.#keysEnded(), { signal });
    signal.addEventListener("abort", () => this.#dispose(), { once: true });
    store.subscribe(() => this.#draw(), signal);
    given.view.querySelector(":scope > .sw-foot")!.before(this.element);
    this.#draw();
  }

  #draw(): void {
    const { store, clock } = this.#given;
    const replay = store.status.replay;
    if (!replay) return;
    const length = replay.duration_s ?? 0;
    if (!this.#held) {
      const at = Math.min(store.elapsed_s() ?? 0, length);
      this.#slider.max = String(Math.max(1, Math.ceil(length)));
      this.#slider.value = String(Math.round(at));
      this.#label(at, length);
    }
    const speed = String(replay.speed ?? "");
    if (focusedIn(this.#speed) !== this.#speed && this.#speed.value !== speed) this.#speed.value = speed;
    this.#slider.disabled = this.#speed.disabled = store.link.state === "gone";
    if (store.alive) this.#cancelTick ??= clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    this.#cancelTick = null;
    this.#draw();
  }

  #label(at: number, length: number): void {
    setText(this.#time, english.timeOf(at, length));
    setAttribute(this.#slider, "aria-valuetext", english.timeOf(at, length));
  }

  #dragged(): void {
    this.#held = true;
    this.#wanted = Number(this.#slider.value);
    this.#label(this.#wanted, this.#given.store.status.replay?.duration_s ?? 0);
    this.#cancelSeek ??= this.#given.clock.after(SEEK_EVERY_MS, () => this.#seek());
  }

  #released(): void {
    this.#cancelSeek?.();
    this.#wanted ??= Number(this.#slider.value);
    this.#seek();
    this.#held = false;
  }

  #seek(): void {
    this.#cancelSeek = null;
    if (this.#wanted !== null) this.#ask("seek", { at_s: this.#wanted });
    this.#wanted = null;
  }

  #mark(kind: (typeof MARKS)[number]["kind"], back: boolean): void {
    this.#ask("mark", { kind, back });
  }

  #ask(cmd: "seek" | "mark" | "speed", more: Record<string, string | number | boolean>): void {
    this.#given.store.command(cmd, more);
  }

  /** Handled keys do not propagate, because the notebook uses the same ones to move between cells. */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = movedBy(event.key, Number(this.#slider.value), Number(this.#slider.max));
    const mark = MARKS.find(({ key }) => key === event.key.toLowerCase());
    if (to === null && !mark) return;
    event.stopPropagation();
    if (event.target === this.#speed) return; // a select element uses the same keys
    event.preventDefault();
    if (mark) this.#mark(mark.kind, event.shiftKey);
    else if (to !== null && !this.#slider.disabled) this.#moveTo(to);
  }

  #moveTo(at_s: number): void {
    this.#keyed = true;
    this.#slider.value = String(at_s);
    this.#dragged();
  }

  /** The key was released, or the focus left while it was down. */
  #keysEnded(): void {
    if (!this.#keyed) return;
    this.#keyed = false;
    this.#released();
  }

  #dispose(): void {
    this.#cancelSeek?.();
    this.#cancelTick?.();
  }
}

/** The target of a key from `at`, in seconds; null if it does not move. */
export function movedBy(key: string, at: number, max: number): number | null {
  const page = Math.max(1, Math.round(max / PAGES_COUNT));
  const to: { readonly [key: string]: number } = {
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    PageUp: at + page,
    PageDown: at - page,
    Home: 0,
    End: max,
  };
  return Object.hasOwn(to, key) ? Math.min(max, Math.max(0, to[key]!)) : null;
}
