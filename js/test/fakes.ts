/** A clock that moves only when told, and a model that remembers what was sent. */

import type { Clock } from "../src/base/clock.ts";
import { Store } from "../src/protocol/store.ts";
import type { CommandMessage, Model, Op, Patch, PatchMessage, Snapshot, Status } from "../src/protocol/wire.ts";

export class FakeClock implements Clock {
  #now = 0;
  #timers: { at: number; call: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, call };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  paint(call: () => void): () => void {
    return this.after(16, call);
  }

  /** Lets `ms` pass, running what falls due in order. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.#now = Math.max(this.#now, due.at);
      due.call();
    }
    this.#now = until;
  }
}

export class FakeModel implements Model {
  readonly sent: CommandMessage[] = [];
  readonly controlSent: object[] = [];
  readonly traits: { [name: string]: unknown } = {};
  gone = false;
  widget_manager?: unknown;
  readonly #listeners = new Map<string, Set<(...values: never[]) => void>>();

  get(name: string): unknown {
    return this.traits[name];
  }

  send(content: CommandMessage): void {
    if (this.gone) throw new Error("Cannot send");
    this.sent.push(content);
  }

  on(name: string, callback: (...values: never[]) => void): void {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name)!.add(callback);
  }

  off(name: string, callback: (...values: never[]) => void): void {
    this.#listeners.get(name)?.delete(callback);
  }

  get listeners_count(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  fire(name: string): void {
    for (const callback of this.#listeners.get(name) ?? []) callback();
  }

  /** Passes a value to the listeners. */
  tell(name: string, value: unknown): void {
    for (const callback of this.#listeners.get(name) ?? []) (callback as (value: unknown) => void)(value);
  }

  /** What was sent with the command `cmd`. */
  commands(cmd: string): CommandMessage[] {
    return this.sent.filter((message) => message.cmd === cmd);
  }
}

export const RUN = "view.1";

export const status = (more: Partial<Status> = {}): Status => ({
  rev: 1,
  state: "streaming",
  title: "A run",
  elapsed_s: 1,
  first_token_s: 0.2,
  token_count: 3,
  tokens_estimated: false,
  char_count: 12,
  stop: null,
  ...more,
});

/** The message that carries `patches[from..to]`. */
export const message = (
  patches: readonly Patch[],
  from: number,
  to: number = patches.length,
  more: Partial<PatchMessage> = {},
): PatchMessage => ({
  run_id: RUN,
  from_seq: from,
  seq: to,
  ops: patches.slice(from, to),
  status: status(),
  acks: [],
  ...more,
});

export const snapshot = (seq: number, more: Partial<Snapshot> = {}): Snapshot => ({
  run_id: RUN,
  seq,
  status: status(),
  run: {},
  parts: [],
  ...more,
});

export const add = (id: string, kind = "text", text = ""): Op => ({
  op: "add",
  part: { id, kind, state: "open", text },
});

export const append = (id: string, text: string): Op => ({ op: "append", id, text });

/** A store on fakes, attached to nothing yet. */
export function rig(): { store: Store; model: FakeModel; clock: FakeClock } {
  const clock = new FakeClock();
  const model = new FakeModel();
  const store = new Store(model, clock);
  store.attach({}, {});
  return { store, model, clock };
}
