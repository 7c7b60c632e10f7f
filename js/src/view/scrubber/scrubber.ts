/**
 * The controls of a recorded run, a replay or one that is still live: a slider of its time, the speed, and buttons
 * for the next step, tool call and error. The kernel computes the state at a time; nothing is computed here.
 *
 * Keys while it has the focus: the arrows move by a second, Page Up and Page Down by a tenth, Home and End
 * to the ends; `s`, `t` and `e` move to the next step, tool call and error, with Shift to the previous one. In the
 * past of a run, `p` plays and pauses it, and `l` shows the run as it is now.
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
/** Longest time that the slider waits for the answer to a seek. */
const ANSWER_MS = 2000;
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
  readonly #play = create("button", { type: "button" });
  readonly #goLive = create("button", { type: "button", class: "sw-golive" });
  readonly #speed = create("select", { class: "sw-speed", "aria-label": english.SPEED });
  readonly #marks: HTMLButtonElement[];
  /** True while the reader drags the slider: then it does not follow the run. */
  #held = false;
  /** True while a key is held down. */
  #keyed = false;
  #wanted: number | null = null;
  /** The time of the last seek, in seconds; null: the run as it is now. */
  #target: number | null = null;
  #cancelSeek: (() => void) | null = null;
  #cancelTick: (() => void) | null = null;
  /** Number of the status at the time of a seek, until the next one; null: no seek waits for its answer. */
  #askedAt: number | null = null;
  #cancelWait: (() => void) | null = null;

  constructor(given: Given) {
    this.#given = given;
    const { store, signal } = given;
    this.#slider.step = "1";
    for (const speed of SPEEDS) this.#speed.append(create("option", { value: String(speed) }, english.times(speed)));
    this.#slider.title = english.RECORDING_HINT;
    this.#marks = MARKS.map(({ kind, key }) => {
      const title = english.nextMarkHint(kind, key);
      const button = create("button", { type: "button", class: "sw-mark", title }, english.nextMark(kind));
      button.addEventListener("click", (event) => this.#mark(kind, event.shiftKey), { signal });
      return button;
    });
    this.element = create(
      "div",
      { class: "sw-scrubber", role: "group", "aria-label": english.RECORDING },
      this.#play,
      this.#slider,
      this.#time,
      this.#goLive,
      this.#speed,
      ...this.#marks,
    );
    this.#play.addEventListener("click", () => this.#togglePlay(), { signal });
    this.#goLive.addEventListener("click", () => this.#ask("live", {}), { signal });
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
    const length = store.duration_s() ?? 0;
    if (this.#askedAt !== null && store.status.rev !== this.#askedAt && this.#arrived(length)) return this.#answered();
    if (!this.#held) {
      const at = Math.min(store.elapsed_s() ?? 0, length);
      this.#slider.min = String(Math.floor(replay.starts_s));
      this.#slider.max = String(Math.max(1, Math.ceil(length)));
      this.#slider.value = replay.live === true ? this.#slider.max : String(Math.round(at));
      this.#label(at, length);
    }
    const past = replay.live === false;
    this.#play.hidden = this.#goLive.hidden = !past;
    const newest = replay.live === true;
    for (const control of [this.#speed, ...this.#marks]) control.hidden = newest; // nothing comes after it
    this.element.classList.toggle("sw-past", past);
    this.element.classList.toggle("sw-newest", newest && !this.#held);
    setText(this.#play, replay.playing ? english.HOLD : english.PLAY);
    setText(this.#goLive, store.alive ? english.GO_LIVE : english.GO_TO_END);
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
    const { store } = this.#given;
    const live = store.status.replay?.live ?? null;
    const newest = live === true && !this.#held;
    const isRunning = live !== null && store.alive;
    const words = !isRunning ? english.timeOf(at, length) : newest ? english.liveAt(at) : english.behind(at, length);
    // The heading has the time of a run that is shown as it is now.
    setText(this.#time, !newest ? words : isRunning ? english.LIVE : "");
    setAttribute(this.#slider, "aria-valuetext", words);
  }

  #dragged(): void {
    this.#held = true;
    this.#askedAt = null;
    this.#wanted = Number(this.#slider.value);
    this.#label(this.#wanted, this.#given.store.duration_s() ?? 0);
    this.#cancelSeek ??= this.#given.clock.after(SEEK_EVERY_MS, () => this.#seek());
  }

  #released(): void {
    this.#cancelSeek?.();
    this.#wanted ??= Number(this.#slider.value);
    this.#seek();
    this.#askedAt = this.#given.store.status.rev;
    this.#cancelWait?.();
    this.#cancelWait = this.#given.clock.after(ANSWER_MS, () => this.#answered());
  }

  /** True if the status is that of the last seek, and not one of the run or of a seek before it, that came between. */
  #arrived(length: number): boolean {
    const { store } = this.#given;
    const replay = store.status.replay!;
    if (this.#target === null || replay.playing === true) return true;
    const target = Math.min(Math.max(this.#target, replay.starts_s), length);
    return replay.live !== true && Math.abs((store.elapsed_s() ?? 0) - target) < 1;
  }

  /** The kernel has moved there, or does not answer: the slider follows the run again. */
  #answered(): void {
    this.#cancelWait?.();
    this.#cancelWait = this.#askedAt = null;
    this.#held = false;
    this.#draw();
  }

  #seek(): void {
    this.#cancelSeek = null;
    const isRun = typeof this.#given.store.status.replay?.live === "boolean";
    const atEnd = this.#wanted !== null && this.#wanted >= Number(this.#slider.max);
    if (this.#wanted === null) return;
    this.#target = isRun && atEnd ? null : this.#wanted;
    if (this.#target === null) this.#ask("live", {});
    else this.#ask("seek", { at_s: this.#target });
    this.#wanted = null;
  }

  #togglePlay(): void {
    this.#ask("play", { on: this.#given.store.status.replay?.playing !== true });
  }

  #mark(kind: (typeof MARKS)[number]["kind"], back: boolean): void {
    this.#ask("mark", { kind, back });
  }

  #ask(cmd: "seek" | "mark" | "speed" | "play" | "live", more: Record<string, string | number | boolean>): void {
    this.#given.store.command(cmd, more);
  }

  /** Handled keys do not propagate, because the notebook uses the same ones to move between cells. */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = movedBy(event.key, Number(this.#slider.value), Number(this.#slider.max));
    const mark = MARKS.find(({ key }) => key === event.key.toLowerCase());
    const pastKey = this.#given.store.status.replay?.live === false && /^[pl]$/i.test(event.key);
    if (to === null && !mark && !pastKey) return;
    event.stopPropagation();
    if (event.target === this.#speed) return; // a select element uses the same keys
    event.preventDefault();
    if (mark) this.#mark(mark.kind, event.shiftKey);
    else if (pastKey && event.key.toLowerCase() === "p") this.#togglePlay();
    else if (pastKey) this.#ask("live", {});
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
    this.#cancelWait?.();
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
