/**
 * Commands to the kernel and their acknowledgements; must not know documents.
 *
 * `gone` means that the comm is certainly dead: sending threw. Silence is not `gone`: a busy kernel is
 * silent too.
 */

import type { Command, CommandMessage, Fields, Model } from "./wire.ts";

export type LinkState = "unheard" | "live" | "gone";

export class Link {
  /** `unheard` until the kernel's first message: saved state alone does not prove that there is a kernel. */
  state: LinkState = "unheard";
  readonly #model: Model;
  readonly #changed: () => void;
  readonly #waiting = new Map<string, () => void>();

  constructor(model: Model, changed: () => void) {
    this.#model = model;
    this.#changed = changed;
  }

  /** Sends a command; `acked` is called when it is acknowledged. Null if the kernel is disconnected. */
  send(cmd: Command, runId: string, more: Fields = {}, acked?: () => void): CommandMessage | null {
    const message: CommandMessage = { cmd, run_id: runId, request_id: requestId(), ...more };
    if (acked) this.#waiting.set(message.request_id, acked);
    return this.again(message);
  }

  /** Sends a message again; the kernel carries out each request ID once. Null as for `send`. */
  again(message: CommandMessage): CommandMessage | null {
    try {
      const sent = this.#model.send(message);
      if (sent instanceof Promise) sent.catch(() => this.#set("gone"));
      return message;
    } catch {
      this.#waiting.delete(message.request_id);
      this.#set("gone");
      return null;
    }
  }

  /** Handles a message from the kernel that acknowledges `acks`. */
  heard(acks: readonly string[]): void {
    this.#set("live");
    for (const id of acks) {
      const acked = this.#waiting.get(id);
      this.#waiting.delete(id);
      acked?.();
    }
  }

  /** The comm was closed. */
  lost(): void {
    this.#set("gone");
  }

  #set(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    this.#changed();
  }
}

/** `randomUUID` exists in secure contexts only; ids need to be unique within one view. */
const requestId = (): string =>
  globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
