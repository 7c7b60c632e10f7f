/**
 * Values from the wire to messages: invalid values are left out, and nothing is thrown.
 *
 * A status with a wrong field keeps the others; a message without its frame (run, numbers, lists) is null.
 */

import type { Budget, Estimate, Fields, Json, Op, Patch, PatchMessage, Replay, RunState, Snapshot, Status, StopCause, StopMoments, WirePart } from "./wire.ts";

export const IDLE: Status = {
  rev: -1,
  state: "idle",
  title: "",
  elapsed_s: null,
  first_token_s: null,
  token_count: 0,
  tokens_estimated: false,
  char_count: 0,
  stop: null,
};

export const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** The `patch` trait; null if it is not a patch. */
export function readPatch(value: unknown): PatchMessage | null {
  if (!isFields(value)) return null;
  const { run_id, from_seq, seq, ops, acks } = value;
  if (typeof run_id !== "string" || run_id === "" || !isCount(from_seq) || !isCount(seq) || !Array.isArray(ops)) return null;
  return {
    run_id,
    from_seq,
    seq,
    ops: ops.map(readOps),
    status: readStatus(value["status"]),
    // A message without `acks` is sent by the kernel on its own; an empty list repeats the end.
    acks: Array.isArray(acks) ? acks.filter((id) => typeof id === "string") : null,
  };
}

/** The `snapshot` trait; null if it is not a snapshot. */
export function readSnapshot(value: unknown): Snapshot | null {
  if (!isFields(value)) return null;
  const { run_id, seq, run, parts } = value;
  if (typeof run_id !== "string" || run_id === "" || !isCount(seq) || !Array.isArray(parts)) return null;
  return {
    run_id,
    seq,
    status: readStatus(value["status"]),
    run: isFields(run) ? run : {},
    parts: parts.filter((part): part is WirePart => isFields(part) && typeof part["id"] === "string" && typeof part["kind"] === "string"),
  };
}

/** A status whose fields have valid types; null if it has no number or no state. */
export function readStatus(value: unknown): Status | null {
  if (!isFields(value)) return null;
  const { rev, state } = value;
  if (typeof rev !== "number" || typeof state !== "string" || state === "") return null;
  return {
    rev,
    state: state as RunState,
    title: text(value["title"]) ?? "",
    elapsed_s: number(value["elapsed_s"]),
    first_token_s: number(value["first_token_s"]),
    token_count: number(value["token_count"]) ?? 0,
    tokens_estimated: value["tokens_estimated"] === true,
    char_count: number(value["char_count"]) ?? 0,
    stop: readStop(value["stop"]),
    stopped_by: readCause(value["stopped_by"]),
    can_send: value["can_send"] === true,
    can_pause: value["can_pause"] === true,
    can_retry: value["can_retry"] === true,
    input_tokens: number(value["input_tokens"]),
    input_estimated: value["input_estimated"] === true,
    output_tokens: number(value["output_tokens"]),
    output_estimated: value["output_estimated"] === true,
    cost: number(value["cost"]),
    currency: text(value["currency"]),
    cost_estimated: value["cost_estimated"] === true,
    budget: readBudget(value["budget"]),
    estimate: readEstimate(value["estimate"]),
    not_sent: text(value["not_sent"]),
    stalled_s: number(value["stalled_s"]),
    replay: readReplay(value["replay"]),
    asks: texts(value["asks"]),
    held: value["held"] === true,
    knobs: texts(value["knobs"]),
    control: typeof value["control"] === "boolean" ? value["control"] : undefined,
  };
}

function readStop(value: Json | undefined): StopMoments | null {
  if (!isFields(value)) return null;
  const { requested_s, heard_s, closed_s } = value;
  return { requested_s: number(requested_s), heard_s: number(heard_s), closed_s: number(closed_s) };
}

function readCause(value: Json | undefined): StopCause | null {
  const code = isFields(value) ? text(value["code"]) : null;
  return isFields(value) && code !== null ? { code, limit: number(value["limit"]), unit: text(value["unit"]) ?? "" } : null;
}

function readReplay(value: Json | undefined): Replay | null {
  if (!isFields(value)) return null;
  return {
    duration_s: number(value["duration_s"]),
    speed: number(value["speed"]),
    starts_s: number(value["starts_s"]) ?? 0,
    live: typeof value["live"] === "boolean" ? value["live"] : null,
    playing: value["playing"] === true,
  };
}

function readBudget(value: Json | undefined): Budget | null {
  if (!isFields(value)) return null;
  const [limit, used, unit] = [number(value["limit"]), number(value["used"]), text(value["unit"])];
  if (limit === null || used === null || unit === null) return null;
  return { limit, used, unit, soft: number(value["soft"]), shared: value["shared"] === true };
}

function readEstimate(value: Json | undefined): Estimate | null {
  if (!isFields(value)) return null;
  const [input_tokens, output_tokens] = [number(value["input_tokens"]), number(value["output_tokens"])];
  return { input_tokens, output_tokens, cost: number(value["cost"]), currency: text(value["currency"]) };
}

const readOps = (patch: Json): Patch => (Array.isArray(patch) ? (patch.filter(isFields) as Op[]) : []);
const isCount = (value: Json | undefined): value is number => Number.isInteger(value) && (value as number) >= 0;
const number = (value: Json | undefined): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const texts = (value: Json | undefined): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
const text = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);
