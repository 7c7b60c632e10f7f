/**
 * The state of a chat on this page: its turns, the path that is shown, and the questions that the kernel has
 * not received yet. Must not know elements.
 *
 * Each answer is a run with a separate store, which is created when the answer is shown.
 */

import type { Clock } from "../base/clock.ts";
import { Connection } from "../protocol/connection.ts";
import type { Link } from "../protocol/link.ts";
import { isFields } from "../protocol/read-message.ts";
import type { Sight } from "../protocol/sight.ts";
import { Store } from "../protocol/store.ts";
import { isFinal } from "../protocol/wire.ts";
import type { Command, CommandMessage, Custom, Fields, Model } from "../protocol/wire.ts";
import { readAttachable, readChatMessage } from "./chat-messages.ts";
import type { Attachable, Attached, ChatMessage, ChatOptions, TurnFacts } from "./chat-messages.ts";

/** One question with its answer. */
export interface Turn {
  facts: TurnFacts;
  /** The run of the answer; null until it is shown. */
  store: Store | null;
}

/** A question that the kernel has not answered for yet. */
export interface Pending {
  readonly message: CommandMessage;
  readonly text: string;
  readonly attached: readonly Attached[];
  /** `busy`: the kernel is running a cell; `unsent`: it was disconnected before it took the question. */
  state: "sending" | "busy" | "unsent";
}

/** Longer than an idle kernel takes to answer. */
const HEARD_WITHIN_MS = 1000;
/** The longest time between two attempts to send a question. */
const SLOWEST_MS = 30_000;

export class ChatState {
  readonly options: ChatOptions;
  readonly connection: Connection;
  readonly sight: Sight;
  readonly turns = new Map<string, Turn>();
  leaf: string | null = null;
  /** Number of the last change of the list of turns. */
  rev = 0;
  readonly pending: Pending[] = [];
  /** What is typed and not asked yet; kept when the host draws the view again. */
  draft = "";
  /** What is attached to the next question. */
  readonly attached: Attached[] = [];
  /** Listeners for what the kernel refused: a question, or null for a retry. */
  readonly refused = new Set<(pending: Pending | null, reason: string) => void>();
  /** Requests for another answer to a question, whose outcome has not come. */
  readonly #retries = new Set<string>();
  readonly #model: Model;
  readonly #clock: Clock;
  readonly #scope = new AbortController();
  readonly #byRun = new Map<string, Turn>();
  /** The turns that follow each turn, in the order in which they were asked. */
  readonly #children = new Map<string | null, Turn[]>();
  readonly #listeners = new Set<() => void>();
  #waking = false;

  constructor(model: Model, options: ChatOptions, clock: Clock, saves: string) {
    this.options = options;
    this.#model = model;
    this.#clock = clock;
    this.connection = new Connection(model, clock, saves);
    this.connection.subscribe({ changed: () => this.#linkChanged(), back: () => this.#hello() }, this.#scope.signal);
    this.connection.customs.add((content) => this.#outcome(content));
    this.sight = this.connection.sight(() => this.#runId, () => true);
  }

  get link(): Link {
    return this.connection.link;
  }

  /** Listeners for custom messages of the kernel. */
  get customs(): Set<Custom> {
    return this.connection.customs;
  }

  /** The run ID that stands for the whole chat. */
  get #runId(): string {
    return `${this.options.id}.0`;
  }

  /** Applies the saved state of the model, then reports its number to the kernel. */
  attach(snapshot: unknown): void {
    const message = readChatMessage(snapshot);
    if (message) this.#take(message);
    this.#hello();
  }

  /** Applies one value that has just arrived from the kernel. */
  receive(value: unknown): void {
    const message = this.#scope.signal.aborted ? null : readChatMessage(value);
    if (!message) return;
    this.link.heard(message.acks);
    this.#take(message);
  }

  /** Ends the state with its model. */
  dispose(): void {
    this.#scope.abort();
    for (const { store } of this.turns.values()) store?.dispose();
    this.connection.dispose();
    this.#listeners.clear();
    this.refused.clear();
  }

  /** Calls `listener` once per painted frame in which the turns, the link or the pending questions have changed. */
  subscribe(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  /** The turns that are shown, from the first to the last. */
  path(): Turn[] {
    const path: Turn[] = [];
    let at = this.leaf === null ? undefined : this.turns.get(this.leaf);
    while (at && path.length < this.turns.size) {
      path.push(at);
      at = at.facts.parent === null ? undefined : this.turns.get(at.facts.parent);
    }
    return path.reverse();
  }

  /** The turn whose answer is live; null: none is. */
  get live(): Turn | null {
    for (const turn of this.turns.values()) if (isLive(turn)) return turn;
    return null;
  }

  /** The run of the answer, requested from the kernel if this page does not have it. */
  storeOf(turn: Turn): Store {
    if (turn.store) return turn.store;
    const store = (turn.store = new Store(this.#model, this.#clock, this.connection));
    store.attach({ run_id: turn.facts.runId, seq: 0, status: null, run: {}, parts: [] }, null);
    return store;
  }

  /** The turns that were asked in the same place, by an edit or a retry, oldest first. */
  versions(turn: Turn): readonly Turn[] {
    return this.#children.get(turn.facts.parent) ?? [turn];
  }

  /** Shows the path through a turn. */
  show(turn: Turn): void {
    this.command("show", { turn: turn.facts.id });
  }

  /** Asks the same question again, as another version. */
  retry(turn: Turn): void {
    const message = this.#send("retry", turn.facts.runId, {});
    if (message?.request_id !== undefined) this.#retries.add(message.request_id);
  }

  /** Asks a question, in the place of the turn `instead` if one is given; false if the kernel is disconnected. */
  ask(text: string, instead?: Turn, attached: readonly Attached[] = []): boolean {
    const message = this.command("ask", {
      text,
      ...(instead ? { instead: instead.facts.id } : {}),
      ...(attached.length > 0 ? { attach: [...attached] } : {}),
    });
    if (message === null) return false;
    const pending: Pending = { message, text, attached, state: "sending" };
    this.pending.push(pending);
    this.#expect(pending);
    return true;
  }

  /** Sends a question again that was not sent. The kernel recognises it, so that it is asked once. */
  askAgain(pending: Pending): void {
    pending.state = "sending";
    if (this.connection.again(pending.message)) this.#expect(pending);
    else pending.state = "unsent";
    this.#wake();
  }

  /** Removes a question that was not sent. */
  discard(pending: Pending): void {
    this.#forget(pending.message.request_id);
  }

  /** Sends a question again until the kernel has taken it: a message can be lost with its connection. */
  #expect(pending: Pending, wait_ms = HEARD_WITHIN_MS): void {
    const again = (): void => {
      if (pending.state === "unsent" || !this.pending.includes(pending)) return;
      pending.state = "busy";
      this.#wake();
      if (this.connection.again(pending.message)) this.#expect(pending, Math.min(2 * wait_ms, SLOWEST_MS));
    };
    this.#clock.after(wait_ms, again);
    this.#wake();
  }

  #linkChanged(): void {
    if (this.link.state === "gone") for (const pending of this.pending) pending.state = "unsent";
    this.#wake();
  }

  /** Stops the answer, or takes back the question, of a turn. */
  stop(turn: Turn): void {
    const { store } = turn;
    if (store?.alive) store.stop();
    else if (isLive(turn) || isQueued(turn)) this.#send("stop", turn.facts.runId, {});
  }

  /** Sends a command about the whole chat; null if the kernel is disconnected. */
  command(cmd: Command, more: Fields): CommandMessage | null {
    return this.#send(cmd, this.#runId, more);
  }

  #send(cmd: Command, runId: string, more: Fields): CommandMessage | null {
    return this.connection.send(cmd, runId, more);
  }

  #hello(): void {
    this.connection.hello(this.#runId, { rev: this.rev });
  }

  #take({ from_rev, rev, leaf, turns, runs }: ChatMessage): void {
    if (from_rev > this.rev) return this.#hello(); // changes are missing: the kernel sends them again
    if (rev > this.rev) {
      this.rev = rev;
      this.leaf = leaf;
      for (const facts of turns) this.#note(facts);
      this.#wake();
    }
    for (const { runId, kind, value } of runs) {
      const turn = this.#byRun.get(runId);
      // The rest of an answer that is not shown yet stays with the kernel until it is.
      const whole = kind === "snapshot" || isFields(value) && value["from_seq"] === 0;
      if (turn) (whole ? this.storeOf(turn) : turn.store)?.receive(kind, value);
    }
  }

  #note(facts: TurnFacts): void {
    const known = this.turns.get(facts.id);
    if (known) known.facts = facts;
    else {
      const turn: Turn = { facts, store: null };
      this.turns.set(facts.id, turn);
      this.#byRun.set(facts.runId, turn);
      const beside = this.#children.get(facts.parent);
      if (beside) beside.push(turn);
      else this.#children.set(facts.parent, [turn]);
    }
  }

  /** Requests the names of the notebook that can be attached; empty if the kernel does not answer soon. */
  async attachable(): Promise<readonly Attachable[]> {
    const message = this.command("attachable", {});
    if (message === null) return [];
    return new Promise((resolve) => {
      const take: Custom = (content) => {
        const { attachable, items } = (content ?? {}) as Fields;
        if (attachable === message.request_id) done(readAttachable(items));
      };
      const done = (items: readonly Attachable[]): void => {
        this.customs.delete(take);
        cancel();
        resolve(items);
      };
      const cancel = this.#clock.after(HEARD_WITHIN_MS, () => done([]));
      this.customs.add(take);
    });
  }

  #outcome(content: unknown): void {
    const { asked, outcome, reason } = (content ?? {}) as Fields;
    if (typeof asked !== "string") return;
    const pending = this.#forget(asked);
    const known = this.#retries.delete(asked) || pending !== null;
    if (outcome !== "refused" || !known) return;
    for (const show of this.refused) show(pending, typeof reason === "string" ? reason : "");
  }

  /** Removes a pending question, and returns it. */
  #forget(requestId: string | undefined): Pending | null {
    const at = this.pending.findIndex(({ message }) => message.request_id === requestId);
    const [removed] = at < 0 ? [] : this.pending.splice(at, 1);
    if (removed) this.#wake();
    return removed ?? null;
  }

  #wake(): void {
    if (this.#waking || this.#scope.signal.aborted) return;
    this.#waking = true;
    this.#clock.paint(() => {
      this.#waking = false;
      for (const listener of this.#listeners) {
        try {
          listener();
        } catch (error) {
          console.error("streamwidget: a chat could not be updated.", error);
        }
      }
    });
  }
}

export const isQueued = ({ facts }: Turn): boolean => facts.state === "queued";

/** True if the answer streams, as far as this page knows. */
export const isLive = ({ facts, store }: Turn): boolean =>
  facts.state !== "queued" && !isFinal(facts.state) && !(store !== null && isFinal(store.status.state));
