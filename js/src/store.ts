/**
 * One per model: the document, the order of messages, the stop, and who must be told.
 *
 * Knows no elements. Views subscribe and are told at most once per painted frame.
 */

import type { Clock } from "./clock.ts";
import { kernelIsBusy, sendOnControlChannel } from "./control.ts";
import { Lazy } from "./lazy.ts";
import { Link } from "./link.ts";
import { applyPatch, applySnapshot, emptyDocument, noChanges } from "./patch.ts";
import type { Changes, Document } from "./patch.ts";
import { Counts, RateMeter } from "./rate.ts";
import { isFinal } from "./states.ts";
import { StopControl } from "./stopping.ts";
import type { Command, CommandMessage, Custom, Fields, Model, PatchMessage, Snapshot, Status } from "./wire.ts";

export type Listener = (changes: Changes) => void;

const RESYNC_AT_MOST_EVERY_MS = 200;
const RESYNC_SLOWEST_MS = 3200;
/** The answer to `seen` carries the end too: confirming that at once would never be over. */
const SEEN_AGAIN_MS = 400;

const IDLE: Status = {
  rev: -1,
  state: "idle",
  title: "",
  elapsed_s: null,
  first_token_s: null,
  token_count: 0,
  tokens_estimated: false,
  char_count: 0,
  stop: null,
  sentence: null,
};

export class Store {
  document: Document = emptyDocument();
  status: Status = IDLE;
  runId = "";
  /** Tells this page from others that show the same model. */
  readonly page = Math.random().toString(36).slice(2);
  /** How many patches of the run have taken effect. */
  seq = 0;
  readonly link: Link;
  readonly stopping: StopControl;
  /** Code that comes when it is first needed. */
  readonly lazy: Lazy;
  readonly rate = new RateMeter();
  /** What the line of the rate is drawn from. */
  readonly counts = new Counts();
  /** Told of each custom message of the kernel. */
  readonly customs = new Set<Custom>();

  readonly #model: Model;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #changes = noChanges();
  #painting = false;
  /** The greatest `seq` heard of; beyond `seq` while something is missing. */
  #target = 0;
  #cancelResync: (() => void) | null = null;
  #resyncAt = -Infinity;
  #resyncWait = RESYNC_AT_MOST_EVERY_MS;
  #seen = { rev: -1, at: -Infinity };
  #elapsed = { base_s: 0, at: 0 };

  constructor(model: Model, clock: Clock) {
    this.#model = model;
    this.#clock = clock;
    this.link = new Link(model, () => this.#linkChanged());
    this.stopping = new StopControl(model, this.link, clock, () => this.#wake());
    this.lazy = new Lazy(model, (what) => this.#ask("code", { what }));
    model.on("msg:custom", (...message: Parameters<Custom>) => {
      for (const listener of this.customs) listener(...message);
    });
    this.link.watch(clock, () => this.#hello());
  }

  /** Takes what the model holds already, then tells the kernel how far that goes. */
  attach(snapshot: unknown, patch: unknown): void {
    if (isSnapshot(snapshot)) this.#takeSnapshot(snapshot);
    if (isPatchMessage(patch)) this.#takePatch(patch);
    this.#hello();
  }

  /** Takes one value that came from the kernel just now. */
  receive(kind: string, value: unknown): void {
    if (kind === "patch" && isPatchMessage(value)) {
      this.link.heard(value.acks ?? []);
      this.#takePatch(value);
    } else if (kind === "snapshot" && isSnapshot(value)) {
      this.link.heard([]);
      this.#takeSnapshot(value);
    }
  }

  subscribe(listener: Listener, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  stop(): void {
    if (!this.alive) return;
    const control = this.status.control !== false;
    this.stopping.request(this.runId, { elapsed_s: this.elapsed_s(), control });
  }

  /** Holds the run, or lets it go on. */
  pause(): void {
    if (!this.alive) return;
    this.link.send(this.status.state === "paused" ? "resume" : "pause", this.runId);
  }

  /** Starts the run again, where its source can be. */
  retry(): void {
    if (!this.alive && this.status.can_retry === true) this.link.send("retry", this.runId);
  }

  /** Sends a command of the reader's; null when the kernel is gone. `heard` is called when it was heard. */
  command(cmd: Command, more: Fields, heard?: () => void): CommandMessage | null {
    return this.#ask(cmd, more, heard);
  }

  /** Another model of the same widget manager. */
  async modelOf(reference: string): Promise<Model> {
    const manager = this.#model.widget_manager as { get_model(id: string): Promise<Model> };
    return manager.get_model(reference.replace(/^IPY_MODEL_/, ""));
  }

  get alive(): boolean {
    return this.status.state !== "idle" && !isFinal(this.status.state);
  }

  /** Seconds since the run began, counted on while it is alive and the kernel is there. */
  elapsed_s(): number | null {
    const { state, elapsed_s } = this.status;
    if (elapsed_s === null || !this.alive || state === "paused" || this.link.state !== "live") {
      return elapsed_s;
    }
    return this.#elapsed.base_s + (this.#clock.now() - this.#elapsed.at) / 1000;
  }

  #takePatch(message: PatchMessage): void {
    if (!this.#enter(message.run_id)) return;
    this.#takeStatus(message.status);
    this.#takeOps(message);
    this.#confirmEnd(message.acks?.length === 0);
    this.#wake();
  }

  #takeOps({ from_seq, seq, ops }: PatchMessage): void {
    this.#target = Math.max(this.#target, seq);
    if (from_seq <= this.seq && seq > this.seq) {
      for (const patch of ops.slice(this.seq - from_seq)) {
        applyPatch(this.document, patch, this.#changes);
      }
      this.seq = seq;
      this.#resyncWait = RESYNC_AT_MOST_EVERY_MS;
    }
    this.#resyncIfBehind();
  }

  #takeSnapshot(snapshot: Snapshot): void {
    if (!this.#enter(snapshot.run_id)) return;
    if (snapshot.seq < this.seq) return; // a view never moves backwards
    this.#takeStatus(snapshot.status);
    if (snapshot.seq > this.seq || this.document.parts.length === 0) {
      applySnapshot(this.document, snapshot, this.#changes);
      this.seq = snapshot.seq;
      this.#target = Math.max(this.#target, snapshot.seq);
    }
    this.#confirmEnd(false);
    this.#wake();
  }

  /** False if `runId` is an older run; a newer one replaces what is shown. */
  #enter(runId: string): boolean {
    if (runId === this.runId) return true;
    if (runNumber(runId) < runNumber(this.runId)) return false;
    this.runId = runId;
    this.document = emptyDocument();
    this.seq = this.#target = 0;
    this.status = IDLE;
    this.#seen.rev = -1;
    this.#changes = { ...noChanges(), run: true, reset: true };
    this.rate.clear();
    this.counts.clear();
    this.stopping.clear();
    return true;
  }

  #takeStatus(status: Status): void {
    if (typeof status?.rev !== "number" || status.rev < this.status.rev) return;
    const counted = this.elapsed_s() ?? 0;
    this.status = { ...IDLE, ...status };
    const told = this.status.elapsed_s ?? 0;
    // Messages travel for different times: a clock that is a little ahead waits, it never goes back.
    const ahead = counted - told;
    this.#elapsed = { base_s: ahead > 0 && ahead < 1 ? counted : told, at: this.#clock.now() };
    this.rate.add(told, this.status.token_count);
    this.counts.add(told, this.status.token_count);
    this.stopping.progressed(this.status.state);
  }

  /** A kernel that is gone counts no further: the clock stays where it was seen last. */
  #linkChanged(): void {
    if (this.link.state === "gone" && this.alive && this.status.elapsed_s !== null) {
      const passed_s = (this.#clock.now() - this.#elapsed.at) / 1000;
      this.status = { ...this.status, elapsed_s: this.#elapsed.base_s + passed_s };
    }
    this.#wake();
  }

  #hello(): void {
    this.#ask("hello", { seq: this.seq, page: this.page });
  }

  /** Without the second way a view on an older kernel stays behind for as long as a cell runs. */
  #ask(cmd: Command, more: Fields, heard?: () => void): CommandMessage | null {
    const message = this.link.send(cmd, this.runId, more, heard);
    if (message && this.status.control === true && kernelIsBusy(this.#model)) {
      sendOnControlChannel(this.#model, message);
    }
    return message;
  }

  /** Something is missing: asks, and asks again ever more slowly until it has come. */
  #resyncIfBehind(): void {
    if (this.seq >= this.#target) {
      this.#cancelResync?.();
      this.#cancelResync = null;
      return;
    }
    if (this.#cancelResync) return;
    const now = this.#clock.now();
    const wait = Math.max(0, this.#resyncAt + RESYNC_AT_MOST_EVERY_MS - now);
    if (wait > 0) this.#resyncLater(wait);
    else this.#resyncNow(now);
  }

  #resyncNow(now: number): void {
    this.#resyncAt = now;
    this.#resyncLater(this.#resyncWait);
    this.#resyncWait = Math.min(this.#resyncWait * 2, RESYNC_SLOWEST_MS);
    this.#ask("resync", { seq: this.seq });
  }

  #resyncLater(wait: number): void {
    this.#cancelResync = this.#clock.after(wait, () => {
      this.#cancelResync = null;
      this.#resyncIfBehind();
    });
  }

  /** Tells the kernel that the end has been shown, so that it stops repeating it. */
  #confirmEnd(repeated: boolean): void {
    if (!isFinal(this.status.state) || this.seq < this.#target) return;
    const { rev } = this.status;
    const now = this.#clock.now();
    const first = this.#seen.rev < 0;
    const due = (rev > this.#seen.rev || repeated) && now - this.#seen.at >= SEEN_AGAIN_MS;
    if (!first && !due) return;
    this.#seen = { rev, at: now };
    this.link.send("seen", this.runId, { rev });
  }

  #wake(): void {
    if (this.#painting) return;
    this.#painting = true;
    this.#clock.paint(() => this.#flush());
  }

  #flush(): void {
    this.#painting = false;
    const changes = this.#changes;
    this.#changes = noChanges();
    for (const listener of this.#listeners) listener(changes);
  }
}

/** `n` of a run id `<view>.<n>`; -1 where there is none, older than every run. */
function runNumber(runId: string): number {
  const n = Number.parseInt(runId.slice(runId.lastIndexOf(".") + 1), 10);
  return Number.isNaN(n) ? -1 : n;
}

function isPatchMessage(value: unknown): value is PatchMessage {
  const message = value as PatchMessage | null;
  return (
    typeof message?.run_id === "string" &&
    message.run_id !== "" &&
    Number.isInteger(message.seq) &&
    Number.isInteger(message.from_seq) &&
    Array.isArray(message.ops)
  );
}

function isSnapshot(value: unknown): value is Snapshot {
  const snapshot = value as Snapshot | null;
  return (
    typeof snapshot?.run_id === "string" &&
    snapshot.run_id !== "" &&
    Number.isInteger(snapshot.seq) &&
    Array.isArray(snapshot.parts)
  );
}
