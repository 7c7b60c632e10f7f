/**
 * The state of one model: the document, the order of messages, the stop, and the subscribers.
 *
 * Must not know elements. Views subscribe and are notified at most once per painted frame.
 */

import type { Clock } from "../base/clock.ts";
import { Connection } from "./connection.ts";
import type { Link } from "./link.ts";
import { applyPatch, applySnapshot, emptyDocument, noChanges } from "./patch.ts";
import type { Changes, Document } from "./patch.ts";
import { IDLE, readPatch, readSnapshot } from "./read-message.ts";
import { Resync } from "./resync.ts";
import { RateHistory, RateMeter } from "./token-rate.ts";
import type { Sight } from "./sight.ts";
import { StopControl } from "./stop.ts";
import { isFinal } from "./wire.ts";
import type { Command, CommandMessage, Custom, Fields, Model, PatchMessage, Snapshot, Status } from "./wire.ts";

export type Listener = (changes: Changes) => void;

/** The answer to `seen` contains the end too: confirming it at once would never stop. */
const SEEN_AGAIN_MS = 400;

/** Longer than an idle kernel takes to answer; after it the view shows an explanation. */
const HEARD_WITHIN_MS = 1000;

export type PendingCommand = "pause" | "resume" | "retry";
export interface Pending {
  readonly cmd: PendingCommand;
  /** True if the kernel has not answered for a while, because it is running a cell. */
  readonly busy: boolean;
}

export class Store {
  document: Document = emptyDocument();
  status: Status = IDLE;
  runId = "";
  /** Number of patches of the run that have been applied. */
  seq = 0;
  readonly connection: Connection;
  readonly stopping: StopControl;
  /** Whether the run is visible on this page. */
  readonly sight: Sight;
  readonly rate = new RateMeter();
  /** The rate over the whole run. */
  readonly history = new RateHistory();
  /** A command of the reader that the kernel has not received yet. */
  pending: Pending | null = null;

  readonly #model: Model;
  readonly #clock: Clock;
  readonly #isOwn: boolean;
  readonly #scope = new AbortController();
  #cancelPending: (() => void) | null = null;
  #cancelPaint: (() => void) | null = null;
  readonly #listeners = new Set<Listener>();
  #changes = noChanges();
  #painting = false;
  /** The greatest known `seq`; greater than `seq` while patches are missing. */
  #target = 0;
  readonly #resync: Resync;
  #seen = { rev: -1, at: -Infinity };
  #elapsed = { base_s: 0, at: 0 };

  /** The stores of the runs of a chat share its `connection`. */
  constructor(model: Model, clock: Clock, connection: Connection | string = "none") {
    this.#model = model;
    this.#clock = clock;
    this.#isOwn = typeof connection === "string";
    this.connection = typeof connection === "string" ? new Connection(model, clock, connection) : connection;
    this.stopping = new StopControl(model, this.link, clock, () => this.#wake());
    this.sight = this.connection.sight(() => this.runId, () => this.status.control === true);
    this.#resync = new Resync(clock, () => this.seq < this.#target, () => void this.#ask("resync", { seq: this.seq }));
    this.connection.subscribe({ changed: () => this.#linkChanged(), back: () => this.#comeBack() }, this.#scope.signal);
    if (this.#isOwn) this.#scope.signal.addEventListener("abort", () => this.connection.dispose(), { once: true });
  }

  get link(): Link {
    return this.connection.link;
  }

  /** Distinguishes this page from others that show the same model. */
  get page(): string {
    return this.connection.page;
  }

  /** Listeners for custom messages of the kernel. */
  get customs(): Set<Custom> {
    return this.connection.customs;
  }

  /** Applies the saved state of the model, then reports its `seq` to the kernel. */
  attach(snapshot: unknown, patch: unknown): void {
    const [first, second] = [readSnapshot(snapshot), readPatch(patch)];
    if (first) this.#takeSnapshot(first);
    if (second) this.#takePatch(second);
    this.#hello();
  }

  /** Applies one value that has just arrived from the kernel. */
  receive(kind: string, value: unknown): void {
    if (this.#scope.signal.aborted) return;
    const patch = kind === "patch" ? readPatch(value) : null;
    const snapshot = kind === "snapshot" ? readSnapshot(value) : null;
    if (patch || snapshot) this.link.heard(patch?.acks ?? []);
    if (patch) this.#takePatch(patch);
    if (snapshot) this.#takeSnapshot(snapshot);
  }

  /** Ends the store with its model: removes all timers, listeners and commands. */
  dispose(): void {
    this.#scope.abort();
    this.#resync.clear();
    this.#cancelPaint?.();
    this.#listeners.clear();
    this.stopping.clear();
    this.#clearPending();
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

  /** Pauses the run, or resumes it. */
  pause(): void {
    if (this.alive) this.#request(this.status.state === "paused" ? "resume" : "pause");
  }

  /** Retries the run, if its source can be restarted. */
  retry(): void {
    if (!this.alive && this.status.can_retry === true) this.#request("retry");
  }

  /** Sends a command of the reader; null if the kernel is disconnected. `heard` is called once it was received. */
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

  /** The time that is shown, in seconds since the run began; counted further while it moves and the kernel is connected. */
  elapsed_s(): number | null {
    const { state, elapsed_s, replay } = this.status;
    if (elapsed_s === null || this.link.state !== "live") return elapsed_s;
    if (replay?.live === false) {
      if (!replay.playing) return elapsed_s;
      return Math.min(elapsed_s + this.#sinceStatus_s * (replay.speed ?? 1), replay.duration_s ?? Infinity);
    }
    if (!this.alive || state === "paused") return elapsed_s;
    return this.#elapsed.base_s + this.#sinceStatus_s;
  }

  /** Length of what is recorded, in seconds; grows while the run is live. Null: nothing is. */
  duration_s(): number | null {
    const { replay, state } = this.status;
    if (!replay) return null;
    if (replay.live === true) return this.elapsed_s();
    const grows = replay.live === false && this.alive && state !== "paused" && this.link.state === "live";
    return (replay.duration_s ?? 0) + (grows ? this.#sinceStatus_s : 0);
  }

  get #sinceStatus_s(): number {
    return (this.#clock.now() - this.#elapsed.at) / 1000;
  }

  /** Sends a command and keeps it as `pending` until the kernel has received it. */
  #request(cmd: PendingCommand): void {
    if (this.pending) return;
    const heard = (): void => {
      this.#clearPending();
      this.#wake();
    };
    if (this.#ask(cmd, {}, heard) === null) return;
    this.pending = { cmd, busy: false };
    this.#cancelPending = this.#clock.after(HEARD_WITHIN_MS, () => {
      this.pending = { cmd, busy: true };
      this.#wake();
    });
    this.#wake();
  }

  #clearPending(): void {
    this.pending = null;
    this.#cancelPending?.();
    this.#cancelPending = null;
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
      this.#resync.progressed();
    }
    this.#resync.check();
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
    this.history.clear();
    this.stopping.clear();
    this.#clearPending();
    return true;
  }

  #takeStatus(status: Status | null): void {
    if (!status || status.rev < this.status.rev) return;
    const counted = this.elapsed_s() ?? 0;
    this.status = status;
    const reported = this.status.elapsed_s ?? 0;
    // The latency of messages varies: a clock that is slightly ahead waits and never goes back.
    const ahead = this.status.replay?.live === false ? 0 : counted - reported;
    this.#elapsed = { base_s: ahead > 0 && ahead < 1 ? counted : reported, at: this.#clock.now() };
    this.rate.add(reported, this.status.token_count);
    this.history.add(reported, this.status.token_count);
    this.stopping.progressed(this.status.state);
  }

  /** Without a kernel the clock stops at its last known time. */
  #linkChanged(): void {
    if (this.link.state === "gone" && this.alive && this.status.elapsed_s !== null) {
      const passed_s = (this.#clock.now() - this.#elapsed.at) / 1000;
      this.status = { ...this.status, elapsed_s: this.#elapsed.base_s + passed_s };
    }
    this.#wake();
  }

  #hello(): void {
    this.connection.hello(this.runId, { seq: this.seq }, { control: this.status.control === true });
  }

  /** Of a shared connection only runs that have not ended report themselves, or all turns of a chat would. */
  #comeBack(): void {
    if (this.#isOwn || !isFinal(this.status.state) || this.seq < this.#target) this.#hello();
  }

  #ask(cmd: Command, more: Fields, acked?: () => void): CommandMessage | null {
    return this.connection.send(cmd, this.runId, more, { ...(acked && { acked }), control: this.status.control === true });
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
    if (this.#painting || this.#scope.signal.aborted) return;
    this.#painting = true;
    this.#cancelPaint = this.#clock.paint(() => this.#flush());
  }

  #flush(): void {
    this.#painting = false;
    const changes = this.#changes;
    this.#changes = noChanges();
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        console.error("streamwidget: a view could not be updated; the others are.", error);
      }
    }
  }
}

/** `n` of a run ID `<view>.<n>`; -1 for any other text, which is older than every run. */
function runNumber(runId: string): number {
  const digits = /\.(\d+)$/.exec(runId)?.[1];
  return digits === undefined ? -1 : Number(digits);
}
