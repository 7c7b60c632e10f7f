/** The messages of a chat, from the wire: invalid values are left out, and nothing is thrown. */

import { label } from "../base/safety.ts";
import type { Json } from "../base/json.ts";
import { isFields } from "../protocol/read-message.ts";

/** The facts about a turn that the page has even if it does not show the answer. */
export interface TurnFacts {
  readonly id: string;
  /** The turn that it follows; null: it is the first one. */
  readonly parent: string | null;
  readonly runId: string;
  readonly question: string;
  /** `queued`, or the state of the run when this was sent. */
  readonly state: string;
  /** Length of the answer, from which its height is estimated. */
  readonly char_count: number;
  /** What is attached to the question. */
  readonly attachments: readonly { readonly name: string; readonly kind: string }[];
}

/** What the reader attaches: a name of the notebook, or a file with its bytes. */
export type Attached = { name: string; kind: string; base64?: string };

/** A name of the notebook that can be attached. */
export interface Attachable {
  readonly name: string;
  readonly kind: string;
  readonly detail: string;
}

/** The `patch` and the `snapshot` of a chat. */
export interface ChatMessage {
  /** Number of the last change that the sender expects here; 0 in a snapshot. */
  readonly from_rev: number;
  readonly rev: number;
  /** The last turn of the path that is shown; null: nothing was asked. */
  readonly leaf: string | null;
  /** The turns that have changed since `from_rev`. */
  readonly turns: readonly TurnFacts[];
  /** Messages and snapshots of runs, each with its `run_id`. */
  readonly runs: readonly { readonly runId: string; readonly kind: "patch" | "snapshot"; readonly value: Json }[];
  readonly acks: readonly string[];
}

export interface ChatOptions {
  readonly id: string;
  readonly title: string;
  readonly placeholder: string;
  readonly suggestions: readonly string[];
  readonly whenBusy: "queue" | "interrupt" | "refuse";
  /** Height of the box in CSS pixels; null: the default. */
  readonly height: number | null;
}

const SUGGESTIONS_COUNT = 8;

export function readChatMessage(value: unknown): ChatMessage | null {
  if (!isFields(value)) return null;
  const { from_rev, rev, leaf, turns, runs, acks } = value;
  if (!isCount(from_rev) || !isCount(rev) || !Array.isArray(turns) || !Array.isArray(runs)) return null;
  return {
    from_rev,
    rev,
    leaf: typeof leaf === "string" ? leaf : null,
    turns: turns.flatMap(readTurn),
    runs: runs.flatMap((run) => {
      const runId = isFields(run) ? run["run_id"] : null;
      if (!isFields(run) || typeof runId !== "string") return [];
      return [{ runId, kind: Array.isArray(run["ops"]) ? ("patch" as const) : ("snapshot" as const), value: run }];
    }),
    acks: Array.isArray(acks) ? acks.filter((id) => typeof id === "string") : [],
  };
}

function readTurn(value: Json): TurnFacts[] {
  if (!isFields(value)) return [];
  const { id, parent, run_id, question, state, char_count, attachments } = value;
  if (typeof id !== "string" || typeof run_id !== "string" || typeof question !== "string") return [];
  return [{
    id,
    parent: typeof parent === "string" ? parent : null,
    runId: run_id,
    question,
    state: typeof state === "string" ? state : "idle",
    char_count: isCount(char_count) ? char_count : 0,
    attachments: readAttachable(attachments),
  }];
}

/** Names with their kinds; invalid ones are left out. */
export function readAttachable(value: unknown): Attachable[] {
  return (Array.isArray(value) ? value : []).filter(isFields).map(({ name, kind, detail }) => ({ name: label(name), kind: label(kind), detail: label(detail) }));
}

export function readChatOptions(value: unknown): ChatOptions | null {
  if (!isFields(value)) return null;
  const { id, title, placeholder, suggestions, when_busy, height } = value;
  if (typeof id !== "string" || id === "") return null;
  return {
    id,
    title: label(title),
    placeholder: label(placeholder),
    suggestions: (Array.isArray(suggestions) ? suggestions : []).slice(0, SUGGESTIONS_COUNT).filter((one) => typeof one === "string"),
    whenBusy: when_busy === "interrupt" || when_busy === "refuse" ? when_busy : "queue",
    height: typeof height === "number" && height > 0 ? height : null,
  };
}

const isCount = (value: Json | undefined): value is number => Number.isInteger(value) && (value as number) >= 0;
