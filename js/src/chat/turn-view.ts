/**
 * One turn: the question, the answer with all its parts, and a line with how the answer is doing.
 *
 * The answer is drawn when it comes near to the visible area; until then the height of the turn is estimated.
 */

import type { Clock } from "../base/clock.ts";
import { create, icon, setAttribute, setHidden, setText } from "../base/dom.ts";
import { COPY, RETRY } from "../base/icons.ts";
import { imagesOption } from "../base/pictures.ts";
import type { LateCode } from "../delivery/late-code.ts";
import { RunDocument } from "../document/run-document.ts";
import type { Context } from "../parts/part-view.ts";
import { Controls } from "../protocol/controls.ts";
import { joined } from "../protocol/patch.ts";
import type { Changes } from "../protocol/patch.ts";
import type { Store } from "../protocol/store.ts";
import { isFinal } from "../protocol/wire.ts";
import { Announcer } from "../view/announcer.ts";
import { take } from "../view/export.ts";
import { elapsedWords, endWords, costWords, shownState, statusWords, tokensMade, warningWords } from "../words/status-words.ts";
import type { TurnFacts } from "./chat-messages.ts";
import { Question } from "./question.ts";
import { isQueued } from "./chat-state.ts";
import type { Turn } from "./chat-state.ts";
import * as english from "../words/english.ts";

/** The functions of the chat that a turn uses. */
export interface Host {
  readonly clock: Clock;
  readonly late: LateCode;
  /** The run of the answer. */
  storeOf(turn: Turn): Store;
  stop(turn: Turn): void;
  retry(turn: Turn): void;
  /** Asks an edited question in the place of this one; false if the kernel is disconnected. */
  ask(text: string, instead: Turn): boolean;
  /** The turns that were asked in the same place. */
  versions(turn: Turn): readonly Turn[];
  /** Shows the path through a turn. */
  lead(turn: Turn): void;
  /** True if the reader is at the end of the conversation. */
  following(): boolean;
  /** True while the chat is visible. */
  seen(): boolean;
  /** Scrolls an element into view. */
  show(element: HTMLElement): void;
  /** Shows a message for a moment, and announces it. */
  say(words: string): void;
  /** Shows an announcement to screen readers. */
  announce(element: HTMLElement): void;
}

/** Estimated size of a character, from 90 characters in a line of 22 pixels. */
const PX_PER_CHAR = 22 / 90;
const LEAST_PX = 120;

export class TurnView {
  readonly turn: Turn;
  readonly element: HTMLElement;
  readonly #host: Host;
  readonly #signal: AbortSignal;
  readonly #question: Question;
  readonly #answer = create("div", { class: "sw-answer" });
  readonly #list = create("div", { class: "sw-parts sw-list" });
  readonly #strip = create("div", { class: "sw-strip", hidden: "" });
  readonly #status = create("span", { class: "sw-word" });
  readonly #facts = create("span", { class: "sw-turnfacts" });
  readonly #stop = create("button", { class: "sw-stop", type: "button" }, english.STOP);
  readonly #copy = create("button", { class: "sw-iconic", type: "button", title: english.COPY_ANSWER, "aria-label": english.COPY_ANSWER }, icon(COPY));
  readonly #retry = create("button", { class: "sw-iconic", type: "button", title: english.ASK_AGAIN, "aria-label": english.ASK_AGAIN }, icon(RETRY));
  readonly #line = create("div", { class: "sw-turnline" }, this.#status, this.#facts, this.#copy, this.#retry, this.#stop);
  #drawn: TurnFacts | null = null;
  #document: RunDocument | null = null;
  #speaker: Announcer | null = null;
  #changes: Changes | null = null;

  constructor(turn: Turn, host: Host, signal: AbortSignal) {
    this.turn = turn;
    this.#host = host;
    this.#signal = signal;
    this.#question = new Question({ signal, ask: (text) => host.ask(text, turn), step: (by) => this.#step(by) });
    this.#answer.append(this.#strip, this.#list, this.#line);
    this.element = create("div", { class: "sw-turn", role: "article" }, this.#question.element, this.#answer);
    this.#stop.addEventListener("click", () => host.stop(turn), { signal });
    this.#retry.addEventListener("click", () => host.retry(turn), { signal });
    this.#copy.addEventListener("click", () => void this.#take("markdown", "copy"), { signal });
    signal.addEventListener("abort", () => this.#document?.clear(), { once: true });
    // Until the answer is drawn, the browser lays out nothing of the turn while it is far away.
    setAttribute(this.element, "data-far", "true");
    this.element.style.setProperty("--sw-turn-height", `${this.estimated_px}px`);
    this.refresh();
  }

  /** Estimated height of the turn in CSS pixels. */
  get estimated_px(): number {
    const { char_count, question } = this.turn.facts;
    return LEAST_PX + Math.round((char_count + question.length) * PX_PER_CHAR);
  }

  /** True while the answer may still change. */
  get live(): boolean {
    return this.#document !== null && this.#store.alive;
  }

  /** Draws the question and its state, if they have changed; the answer draws itself. */
  refresh(): void {
    this.#place();
    if (this.#drawn === this.turn.facts) return;
    this.#drawn = this.turn.facts;
    const { question } = this.#drawn;
    this.#question.draw(this.#drawn, !isQueued(this.turn));
    setAttribute(this.element, "aria-label", `${english.YOU_ASKED}: ${question.slice(0, 80)}`);
    this.#drawLine();
  }

  /** Opens the question to be edited. */
  edit(): void {
    this.#question.edit();
  }

  /** Shows the version of the question that is `by` places away. */
  #step(by: -1 | 1): void {
    const versions = this.#host.versions(this.turn);
    const next = versions[versions.indexOf(this.turn) + by];
    if (next) this.#host.lead(next);
  }

  #place(): void {
    const versions = this.#host.versions(this.turn);
    this.#question.place(versions.indexOf(this.turn) + 1, versions.length);
  }

  /** Draws the answer, if it is not drawn yet. */
  mount(): void {
    if (this.#document || isQueued(this.turn) || this.#signal.aborted) return;
    const store = this.#store;
    const { clock } = this.#host;
    setAttribute(this.element, "data-far", null);
    this.#document = new RunDocument({
      list: this.#list,
      strip: this.#strip,
      store,
      clock,
      context: this.#newContext(store),
      show: (element) => this.#host.show(element),
    });
    this.#speaker = new Announcer(store, clock);
    store.subscribe((changes) => this.#changed(changes), this.#signal);
    this.#update(null);
  }

  /** Draws what has changed while the chat was not visible. */
  catchUp(): void {
    const changes = this.#changes;
    this.#changes = null;
    if (changes) this.#update(changes);
  }

  /** Time has passed. */
  tick(): void {
    if (!this.#document) return;
    const elapsed_s = this.#store.elapsed_s();
    if (elapsed_s !== null) this.#document.tick(elapsed_s);
    this.#drawLine();
  }

  get #store(): Store {
    return this.#host.storeOf(this.turn);
  }

  #changed(changes: Changes): void {
    if (this.#host.seen()) return this.#update(changes);
    this.#changes = joined(this.#changes, changes);
  }

  #update(changes: Changes | null): void {
    const store = this.#store;
    this.#document!.update(store.document, changes);
    this.#drawLine();
    this.#speaker!.update();
    this.#host.announce(this.#speaker!.element);
  }

  #drawLine(): void {
    const { facts, store } = this.turn;
    const shown = store !== null && store.status.rev >= 0 ? store : null;
    const state = isQueued(this.turn) ? "queued" : shown ? shownState(shown) : facts.state;
    const alive = !isFinal(state) && state !== "gone";
    setAttribute(this.element, "data-state", state);
    setAttribute(this.#list, "data-value", state === "queued" ? "" : alive ? english.WAITING_FOR_ANSWER : this.#emptyWords(state));
    setText(this.#status, this.#stateWords(state, shown));
    setText(this.#facts, shown ? english.beside(factsOf(shown), " · ") : "");
    setHidden(this.#stop, !alive);
    setText(this.#stop, state === "queued" ? english.REMOVE : english.STOP);
    this.#stop.disabled = state === "stopping";
    setHidden(this.#retry, alive);
    setHidden(this.#copy, alive || !shown || shown.document.parts.length === 0);
  }

  #emptyWords(state: string): string {
    return state === "stopped" ? english.NOT_ASKED : english.NO_OUTPUT;
  }

  /** The state in words, unless it is what everybody expects. */
  #stateWords(state: string, store: Store | null): string {
    if (state === "queued") return english.QUEUED;
    if (state === "finished" || !store) return "";
    const warning = warningWords(store);
    return warning || endWords(store.status) || statusWords(store);
  }

  #newContext(store: Store): Context {
    const { late, following } = this.#host;
    const plugins = {
      highlighter: (language: string) => late.get("grammars")?.highlighter(language),
      math: () => late.get("math")?.render ?? null,
      whenMore: (again: () => void) => late.whenLoaded(again),
    };
    return {
      elapsed_s: () => store.elapsed_s(),
      alive: () => store.alive,
      following,
      take: (what, use, partId) => this.#take(what, use, partId),
      controls: new Controls(store),
      model: (reference) => store.modelOf(reference),
      say: (words) => this.#speaker?.say(words),
      answer: (words) => this.#speaker?.answer(words),
      get markdown() {
        return { images: imagesOption(store.document.run["images"]), plugins };
      },
      signal: this.#signal,
    };
  }

  async #take(...[what, use, partId]: Parameters<Context["take"]>): Promise<string | null> {
    const problem = await take(this.#store, { what, use, partId });
    this.#host.say(problem ?? (use === "copy" ? english.COPIED : english.DOWNLOADED));
    return problem;
  }
}

function factsOf(store: Store): string[] {
  const { status } = store;
  const made = tokensMade(status);
  const tokens = made.count > 0 ? english.tokens(made.count, made.estimated) : "";
  return [tokens, elapsedWords(store.elapsed_s()), costWords(status)];
}
