/** One view of a chat: its header, the conversation, and the input line. */

import type { Clock } from "../base/clock.ts";
import { create, setAttribute, setHidden, setText } from "../base/dom.ts";
import { watchVisibility } from "../base/visibility.ts";
import type { LateCode } from "../delivery/late-code.ts";
import { restoreDensity } from "../view/density.ts";
import { keepFocus } from "../view/focus.ts";
import { Follow } from "../view/follow.ts";
import { listenToKeys } from "../view/keys.ts";
import type { KeyActs } from "../view/keys.ts";
import { AskLine } from "./ask-line.ts";
import { isLive, isQueued } from "./chat-state.ts";
import type { Attached } from "./chat-messages.ts";
import type { ChatState, Pending, Turn } from "./chat-state.ts";
import { PendingTurn } from "./pending-turn.ts";
import { TurnView } from "./turn-view.ts";
import type { Host } from "./turn-view.ts";
import * as english from "../words/english.ts";

type GiveBack = (pending: Pending | null, reason: string) => void;

interface Given {
  state: ChatState;
  late: LateCode;
  clock: Clock;
  signal: AbortSignal;
}

/** Figures that change more often would be unreadable, and each change costs a layout. */
const TICK_MS = 200;
/** Answers so far outside of the visible area are drawn. */
const NEAR = "800px";
/** Height of the answers at the end that are drawn at first. */
const FIRST_PX = 900;
const TOAST_MS = 4000;

export class ChatView {
  readonly element: HTMLElement;
  readonly #state: ChatState;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #host: Host;
  readonly #words = create("div", { class: "sw-facts" });
  readonly #toast = create("span", { class: "sw-toast", hidden: "" });
  readonly #list = create("div", { class: "sw-turns", role: "log", "aria-live": "off", "aria-label": english.CONVERSATION });
  readonly #pending = create("div", { class: "sw-turns sw-pending" });
  readonly #pendingViews: PendingTurn[] = [];
  readonly #suggestions = create("div", { class: "sw-suggestions", role: "group", "aria-label": english.SUGGESTIONS });
  readonly #body = create("div", { class: "sw-body" });
  readonly #spoken = create("div", { class: "sw-announcements" });
  readonly #line: AskLine;
  readonly #follow: Follow;
  readonly #views = new Map<string, TurnView>();
  readonly #scopes = new Map<string, AbortController>();
  readonly #near: IntersectionObserver;
  /** The turns near the visible area. */
  readonly #nearby = new Set<Element>();
  #shown: readonly Turn[] = [];
  #seen = true;
  #stale = false;
  #cancelTick: (() => void) | null = null;
  #cancelToast: (() => void) | null = null;

  constructor({ state, late, clock, signal }: Given) {
    this.#state = state;
    this.#clock = clock;
    this.#signal = signal;
    const { options } = state;
    const title = options.title || english.CHAT;
    this.#host = this.#newHost(late);
    this.#line = new AskLine({
      placeholder: options.placeholder,
      draft: state.draft,
      signal,
      attached: state.attached,
      view: () => this.element,
      attachable: () => state.attachable(),
      ask: (text, attached) => this.#ask(text, undefined, attached),
      stop: () => this.#stop(),
      editLast: () => this.#editLast(),
      leave: () => this.element.focus({ preventScroll: true }),
      keep: (draft) => void (state.draft = draft),
    });
    const jump = create("button", { class: "sw-jump", type: "button" }, english.JUMP_TO_LATEST);
    const heading = create("div", { class: "sw-heading" }, create("div", { class: "sw-title", title }, title), this.#words);
    const inner = create("div", { class: "sw-conversation" }, this.#list, this.#pending, this.#suggestions);
    this.#body.append(inner);
    this.element = create(
      "div",
      { class: "sw-view sw-chat", role: "region", tabindex: "0", "aria-label": title },
      create("div", { class: "sw-header" }, heading, create("div", { class: "sw-actions" }, this.#toast)),
      create("div", { class: "sw-hairline" }),
      create("div", { class: "sw-middle" }, this.#body, jump),
      this.#line.element,
      this.#spoken,
    );
    if (options.height !== null) this.element.style.setProperty("--sw-height", `${options.height}px`);
    restoreDensity(this.element);
    this.#follow = new Follow(this.#body, inner, jump, signal);
    this.#near = new IntersectionObserver((entries) => this.#cameNear(entries), { root: this.#body, rootMargin: NEAR });
    for (const text of options.suggestions) this.#suggest(text);
    jump.addEventListener("click", () => this.element.focus({ preventScroll: true }), { signal });
    listenToKeys({ view: this.element, clock, signal, acts: this.#keyActs() });
    const giveBack: GiveBack = (pending, reason) => {
      const words = reason || english.REFUSED;
      if (pending) this.#line.giveBack(pending.text, words, pending.attached);
      else this.#say(words);
    };
    state.refused.add(giveBack);
    state.subscribe(() => this.#changed(), signal);
    signal.addEventListener("abort", () => this.#dispose(giveBack), { once: true });
    this.#draw();
    watchVisibility(this.element, (seen) => this.#seenChanged(seen), signal);
  }

  #newHost(late: LateCode): Host {
    return {
      clock: this.#clock,
      late,
      storeOf: (turn) => this.#state.storeOf(turn),
      stop: (turn) => this.#state.stop(turn),
      retry: (turn) => this.#state.retry(turn),
      ask: (text, instead) => this.#ask(text, instead),
      versions: (turn) => this.#state.versions(turn),
      lead: (turn) => this.#state.show(turn),
      following: () => this.#follow.stuck,
      seen: () => this.#seen,
      show: (element) => this.#follow.show(element),
      say: (words) => this.#say(words),
      announce: (element) => {
        if (this.#spoken.lastElementChild !== element) this.#spoken.replaceChildren(element);
      },
    };
  }

  #changed(): void {
    if (this.#seen) this.#draw();
    else this.#stale = true;
  }

  #draw(): void {
    this.#stale = false;
    keepFocus(this.element, () => {
      this.#drawTurns();
      this.#drawPending();
      this.#drawFrame();
    });
    this.#tick();
  }

  #drawTurns(): void {
    const path = this.#state.path();
    const wanted = new Set(path.map(({ facts }) => facts.id));
    for (const { facts } of this.#shown) if (!wanted.has(facts.id)) this.#remove(facts.id);
    for (const [at, turn] of path.entries()) {
      const view = this.#views.get(turn.facts.id) ?? this.#add(turn);
      if (this.#list.children[at] !== view.element) this.#list.insertBefore(view.element, this.#list.children[at] ?? null);
      view.refresh();
      if (this.#nearby.has(view.element) || isLive(turn)) view.mount();
    }
    if (this.#shown.length === 0) this.#mountNewest(path);
    this.#shown = path;
    setHidden(this.#suggestions, path.length > 0 || this.#state.pending.length > 0 || this.#suggestions.childElementCount === 0);
  }

  /** Draws the answers that are visible first: those near the end. */
  #mountNewest(path: readonly Turn[]): void {
    let px = 0;
    for (const { facts } of [...path].reverse()) {
      const view = this.#views.get(facts.id)!;
      view.mount();
      if ((px += view.estimated_px) > FIRST_PX) return;
    }
  }

  #add(turn: Turn): TurnView {
    const scope = new AbortController();
    this.#signal.addEventListener("abort", () => scope.abort(), { once: true, signal: scope.signal });
    const view = new TurnView(turn, this.#host, scope.signal);
    this.#views.set(turn.facts.id, view);
    this.#scopes.set(turn.facts.id, scope);
    this.#near.observe(view.element);
    return view;
  }

  #remove(id: string): void {
    const view = this.#views.get(id);
    if (!view) return;
    this.#near.unobserve(view.element);
    this.#nearby.delete(view.element);
    this.#scopes.get(id)?.abort();
    view.element.remove();
    this.#views.delete(id);
    this.#scopes.delete(id);
  }

  /** Draws the answers that came near. */
  #cameNear(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#nearby.add(target);
      else this.#nearby.delete(target);
    }
    for (const view of this.#views.values()) if (this.#nearby.has(view.element)) view.mount();
  }

  /** Questions that the kernel has not received yet. */
  #drawPending(): void {
    const { pending } = this.#state;
    for (const view of this.#pendingViews.splice(pending.length)) view.element.remove();
    for (const [at, one] of pending.entries()) (this.#pendingViews[at] ?? this.#addPending()).draw(one);
  }

  #addPending(): PendingTurn {
    const view = new PendingTurn({
      signal: this.#signal,
      again: (pending) => this.#state.askAgain(pending),
      discard: (pending) => this.#state.discard(pending),
    });
    this.#pendingViews.push(view);
    this.#pending.append(view.element);
    return view;
  }

  #drawFrame(): void {
    const state = this.#state;
    const live = state.live;
    const gone = state.link.state === "gone";
    const waiting = this.#shown.filter(isQueued).length;
    const facts = [this.#shown.length > 0 ? english.turns(this.#shown.length) : "", waiting > 0 ? english.queued(waiting) : ""];
    setText(this.#words, english.beside(facts, " · "));
    setAttribute(this.element, "data-state", gone ? "gone" : live ? "streaming" : "finished");
    setAttribute(this.element, "data-live", live && !gone ? (this.#seen ? "seen" : "unseen") : null);
    const hints = { queue: english.QUEUES, interrupt: english.ANSWER_STOPS_FIRST, refuse: english.HOW_TO_SEND };
    this.#line.draw({ busy: live !== null, gone, hint: live ? hints[state.options.whenBusy] : english.HOW_TO_SEND });
    state.sight.look(this.#signal, this.#seen);
  }

  /** Clocks advance while an answer is live and visible. */
  #tick(): void {
    if (this.#cancelTick || !this.#seen || !this.#state.live) return;
    this.#cancelTick = this.#clock.after(TICK_MS, () => {
      this.#cancelTick = null;
      for (const turn of this.#shown) if (isLive(turn)) this.#views.get(turn.facts.id)?.tick();
      this.#tick();
    });
  }

  #suggest(text: string): void {
    const button = create("button", { class: "sw-suggestion", type: "button", dir: "auto" }, text);
    button.addEventListener("click", () => this.#ask(text), { signal: this.#signal });
    this.#suggestions.append(button);
  }

  #ask(text: string, instead?: Turn, attached: readonly Attached[] = []): boolean {
    const sent = this.#state.ask(text, instead, attached);
    if (!sent) return false;
    this.#follow.toEnd();
    this.#line.focus();
    return true;
  }

  /** Stops the live answer; false if there is none. */
  #stop(): boolean {
    const { live } = this.#state;
    if (live) this.#state.stop(live);
    return live !== null;
  }

  /** Opens the last question to be edited; false if there is none. */
  #editLast(): boolean {
    const last = this.#shown.at(-1);
    if (last) this.#views.get(last.facts.id)?.edit();
    return last !== undefined;
  }

  #say(words: string): void {
    this.#cancelToast?.();
    setText(this.#toast, words);
    setHidden(this.#toast, false);
    this.#cancelToast = this.#clock.after(TOAST_MS, () => setHidden(this.#toast, true));
  }

  #seenChanged(seen: boolean): void {
    if (this.#seen === seen) return;
    this.#seen = seen;
    if (!seen) return this.#drawFrame();
    for (const view of this.#views.values()) view.catchUp();
    if (this.#stale) this.#draw();
    else this.#drawFrame();
    this.#tick();
  }

  /** One Escape stops the answer at once, also from the input line. */
  #keyActs(): KeyActs {
    return {
      liveFor_s: () => (this.#state.live ? 0 : null),
      stop: () => void this.#stop(),
      sayAgain: () => {},
      scroll: (key) => this.#follow.key(key),
    };
  }

  #dispose(giveBack: GiveBack): void {
    this.#state.refused.delete(giveBack);
    this.#near.disconnect();
    this.#cancelTick?.();
    this.#cancelToast?.();
    this.element.remove();
  }
}
