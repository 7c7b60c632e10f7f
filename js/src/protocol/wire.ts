/**
 * The messages between kernel and front end, read verbatim from the wire.
 *
 * All of it comes from outside, so fields are valid only as far as `read-message.ts` has
 * checked them; a kind, an op or a field that this version does not know is kept and passed on.
 */

import type { Fields, Json } from "../base/json.ts";

export type { Fields, Json };

/** One part on the wire; growing text is in `text`, growing lists are in `items`. */
export type WirePart = { id: string; kind: string } & Fields;

export type Op =
  | { op: "run"; fields: Fields }
  | { op: "add"; part: WirePart }
  | { op: "append"; id: string; text: string }
  | { op: "set"; id: string; fields: Fields }
  | { op: "extend"; id: string; items: Json[] }
  /** Pairs of a position, counted from the first item ever added, and the new item. */
  | { op: "put"; id: string; items: [number, Json][] }
  | { op: "remove"; ids: string[] };

export type Patch = Op[];

export type RunState =
  | "idle"
  | "connecting"
  | "streaming"
  | "paused"
  | "reconnecting"
  | "stopping"
  | "finished"
  | "incomplete"
  | "stopped"
  | "failed";

const FINAL: ReadonlySet<string> = new Set<RunState>(["finished", "incomplete", "stopped", "failed"]);

/** True for the states that end a run. */
export const isFinal = (state: string): boolean => FINAL.has(state);

/** Seconds since the start of the run; null until then. */
export interface StopMoments {
  requested_s: number | null;
  heard_s: number | null;
  closed_s: number | null;
}

export interface Budget {
  limit: number;
  used: number;
  /** `tokens`, `s`, or a currency. */
  unit: string;
  /** The share of the limit at which a notice is due; null: none is. */
  soft: number | null;
  /** True if `used` counts other runs too. */
  shared: boolean;
}

/** What was estimated from the request, before the run. */
export interface Estimate {
  input_tokens: number | null;
  /** The most tokens that the answer may have; null: the request sets no bound. */
  output_tokens: number | null;
  /** Of the input and the longest answer; null: no price is known. */
  cost: number | null;
  currency: string | null;
}

/** Who or what stopped a run; `code` as in the catalogue of words. */
export interface StopCause {
  code: string;
  /** The limit that was reached; null: none. */
  limit: number | null;
  unit: string;
}

export interface Replay {
  /** Of a live run: so far, when the status was sent. */
  duration_s: number | null;
  speed: number | null;
  /** The earliest time that can be shown: later than 0 if the oldest events were dropped. */
  starts_s: number;
  /** Of a run that is recorded: true while it is shown as it is now, false while its past is. Null: a replay. */
  live: boolean | null;
  /** Whether the past moves on. */
  playing: boolean;
}

export interface Status {
  /** Only increases; a status with a smaller number is outdated. */
  rev: number;
  state: RunState;
  title: string;
  /** At the time of sending, null before the start. */
  elapsed_s: number | null;
  /** Null until the first text arrived. */
  first_token_s: number | null;
  token_count: number;
  /** True if part of `token_count` was estimated by size; else each delta is one token. */
  tokens_estimated: boolean;
  char_count: number;
  stop: StopMoments | null;
  /** Null while no stop was requested. */
  stopped_by?: StopCause | null;
  /** True if the source takes messages now. */
  can_send?: boolean;
  can_pause?: boolean;
  can_retry?: boolean;
  /** As reported by the provider, unless the next field marks an estimate; null: unknown. */
  input_tokens?: number | null;
  input_estimated?: boolean;
  output_tokens?: number | null;
  output_estimated?: boolean;
  cost?: number | null;
  currency?: string | null;
  cost_estimated?: boolean;
  budget?: Budget | null;
  estimate?: Estimate | null;
  /** The number of the run in this view, from 1. */
  attempt?: number;
  /** Why part of the run could not be sent to the page; null: all was sent. */
  not_sent?: string | null;
  /** Seconds without a sign of life; null while data arrives. */
  stalled_s?: number | null;
  /** Only for the replay of a journal, or a run that is recorded in one. `speed` null: no waits. */
  replay?: Replay | null;
  /** The questions, by part, that this kernel takes an answer to. */
  asks?: readonly string[];
  /** True while the run waits because the budget that it shares is used up, and the reader is asked. */
  held?: boolean;
  /** The knobs, by part, whose value this kernel takes. */
  knobs?: readonly string[];
  /** False: this kernel receives comm messages even while a cell runs, and needs no other route. */
  control?: boolean | undefined;
}

/** The `patch` trait: patch `i` of `ops` leads from `from_seq + i` to the next. */
export interface PatchMessage {
  run_id: string;
  from_seq: number;
  seq: number;
  ops: Patch[];
  /** Null: missing or invalid. */
  status: Status | null;
  /** IDs of the received commands; null: not in this message. */
  acks: string[] | null;
}

/** The `snapshot` trait. */
export interface Snapshot {
  run_id: string;
  seq: number;
  status: Status | null;
  run: Fields;
  parts: WirePart[];
}

export type Command =
  | "hello"
  | "ask"
  | "attachable"
  | "show"
  | "look"
  | "resync"
  | "stop"
  | "pause"
  | "resume"
  | "retry"
  | "export"
  | "record"
  | "send"
  | "answer"
  | "knob"
  | "seek"
  | "mark"
  | "speed"
  | "play"
  | "live"
  | "seen"
  | "code";

/** The answer to `export`, as a custom message; the file's bytes are its buffer 0. */
export interface ExportAnswer {
  /** The command's `request_id`. */
  export: string;
  name: string;
  mime: string;
  error: string | null;
}

/** One custom message of the kernel, with its buffers. */
export type Custom = (content: unknown, buffers?: readonly (ArrayBuffer | ArrayBufferView)[]) => void;

/** Front end to kernel, as a custom message. */
export type CommandMessage = { cmd: Command; run_id: string; request_id: string } & Fields;

/** The part of ipywidgets' model that is used here, through anywidget's proxy. */
export interface Model {
  get(name: string): unknown;
  /** Throws if the comm is dead; some hosts return a promise. */
  send(content: CommandMessage, callbacks?: unknown, buffers?: ArrayBuffer[]): unknown;
  on(name: string, callback: (...values: never[]) => void): void;
  off(name: string, callback: (...values: never[]) => void): void;
  widget_manager?: unknown;
}
