/**
 * What travels between kernel and front end: read verbatim from the wire.
 *
 * Everything here came from outside, so fields are only promised as far as `read-message.ts` has
 * checked them; a kind, an op or a field that this version does not know is kept and passed on.
 */

import type { Fields, Json } from "../base/json.ts";

export type { Fields, Json };

/** One part as it travels; growing text is in `text`, growing lists are in `items`. */
export type WirePart = { id: string; kind: string } & Fields;

export type Op =
  | { op: "run"; fields: Fields }
  | { op: "add"; part: WirePart }
  | { op: "append"; id: string; text: string }
  | { op: "set"; id: string; fields: Fields }
  | { op: "extend"; id: string; items: Json[] }
  /** Pairs of a position, counted from the first item ever extended, and what stands there now. */
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

/** Seconds since the start of the run; null until the moment has come. */
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
}

/** Who or what stopped a run; `code` as in the catalogue of words. */
export interface StopCause {
  code: string;
  /** The bound that was reached; null: there was none. */
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
  /** Only grows; a status with a smaller one is old news. */
  rev: number;
  state: RunState;
  title: string;
  /** At the time of sending, null before the start. */
  elapsed_s: number | null;
  /** Null until the first text arrived. */
  first_token_s: number | null;
  token_count: number;
  /** Whether a token of `token_count` was estimated by its size; else each delta is one. */
  tokens_estimated: boolean;
  char_count: number;
  stop: StopMoments | null;
  /** Null while it is not stopped. */
  stopped_by?: StopCause | null;
  /** Whether the source takes messages now. */
  can_send?: boolean;
  can_pause?: boolean;
  can_retry?: boolean;
  /** As the provider reported them, unless the next field marks an estimate; null: unknown. */
  input_tokens?: number | null;
  input_estimated?: boolean;
  output_tokens?: number | null;
  output_estimated?: boolean;
  cost?: number | null;
  currency?: string | null;
  budget?: Budget | null;
  /** The number of the run in this view, from 1. */
  attempt?: number;
  /** The error for which not all of the run could be sent to the page; null: all could be. */
  not_sent?: string | null;
  /** Seconds without a sign of life; null while all is well. */
  stalled_s?: number | null;
  /** Only of the replay of a journal, or a run that is recorded in one. `speed` null: all at once. */
  replay?: Replay | null;
  /** False: this kernel hears a comm message even while a cell runs, and needs no other way. */
  control?: boolean | undefined;
}

/** The `patch` trait: patch `i` of `ops` leads from `from_seq + i` to the next. */
export interface PatchMessage {
  run_id: string;
  from_seq: number;
  seq: number;
  ops: Patch[];
  /** Null: none that can be read. */
  status: Status | null;
  /** Ids of the commands that were heard; null: none was sent along. */
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
  | "look"
  | "resync"
  | "stop"
  | "pause"
  | "resume"
  | "retry"
  | "export"
  | "record"
  | "send"
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

/** The part of ipywidgets' model, seen through anywidget's proxy, that is used here. */
export interface Model {
  get(name: string): unknown;
  /** Throws when the comm is dead; some hosts give a promise. */
  send(content: CommandMessage, callbacks?: unknown, buffers?: ArrayBuffer[]): unknown;
  on(name: string, callback: (...values: never[]) => void): void;
  off(name: string, callback: (...values: never[]) => void): void;
  widget_manager?: unknown;
}
