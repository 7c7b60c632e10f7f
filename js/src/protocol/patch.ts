/**
 * Applies ops to a document; pure, with no DOM, no clock and no model.
 *
 * Never throws on data from the wire: an unknown op, or one for an unknown ID, is kept in
 * `strays`, so that a newer kernel cannot break an older front end.
 */

import { extendItems, putItems, trimItems } from "./items.ts";
import type { Items } from "./items.ts";
import { isFields } from "./read-message.ts";
import type { Fields, Json, Op, Patch, Snapshot, WirePart } from "./wire.ts";

/** One part: its fields, its text as the pieces it arrived in, and its items. */
export interface Part {
  readonly id: string;
  readonly kind: string;
  fields: Fields;
  /** Joined only on read: joining at each delta would be quadratic. */
  pieces: string[];
  /** Increases when text is replaced instead of appended to, so that a renderer starts again. */
  generation: number;
  /** Rows, points, lines; null for kinds without items. */
  items: Items | null;
}

export interface Document {
  run: Fields;
  parts: Part[];
  byId: Map<string, Part>;
  /** Ops that could not take effect, the newest `STRAYS_COUNT` of them. */
  strays: unknown[];
}

/** What a renderer has to redraw. */
export interface Changes {
  parts: Set<string>;
  /** IDs of removed parts; a part added later may reuse one of them. */
  removed: Set<string>;
  run: boolean;
  /** Parts were reordered or replaced: redraw everything. */
  reset: boolean;
}

const STRAYS_COUNT = 100;

export const emptyDocument = (): Document => ({
  run: {},
  parts: [],
  byId: new Map(),
  strays: [],
});

export const noChanges = (): Changes => ({ parts: new Set(), removed: new Set(), run: false, reset: false });

/** Both changes, the second after the first. */
export function joined(before: Changes | null, changes: Changes): Changes {
  const both = before ?? noChanges();
  for (const id of changes.removed) {
    both.removed.add(id);
    both.parts.delete(id);
  }
  for (const id of changes.parts) both.parts.add(id);
  both.run ||= changes.run;
  both.reset ||= changes.reset;
  return both;
}

/** Applies one patch in place and records the changed parts in `changes`. */
export function applyPatch(document: Document, patch: Patch, changes: Changes): void {
  for (const op of Array.isArray(patch) ? patch : []) applyOp(document, op, changes);
}

/** Makes the document equal to the snapshot, keeping the parts whose text only grew. */
export function applySnapshot(document: Document, snapshot: Snapshot, changes: Changes): void {
  const before = document.parts;
  const known = document.byId;
  document.parts = [];
  document.byId = new Map();
  document.run = { ...snapshot.run };
  changes.run = true;
  for (const wire of snapshot.parts) {
    if (!isPart(wire)) continue;
    const old = known.get(wire.id);
    if (old?.kind === wire.kind && !document.byId.has(wire.id)) keep(document, old, wire);
    else addPart(document, wire);
    changes.parts.add(wire.id);
  }
  // Drawn parts stay in place only if the new list begins with the old one.
  if (before.some((part, at) => document.parts[at] !== part)) changes.reset = true;
}

/** The part's text so far, joined. */
export const textOf = (part: Part): string => part.pieces.join("");

/** The end of the part's text, without joining the rest. */
export function textTail(part: Part, chars = 240): string {
  let tail = "";
  for (let at = part.pieces.length - 1; at >= 0 && tail.length < chars; at -= 1) {
    tail = part.pieces[at]!.slice(-chars) + tail;
  }
  return tail;
}

/** The first `chars` of a part's text, or a little more; reads no further. */
export function textHead(part: Part, chars: number): string {
  let head = "";
  for (let at = 0; at < part.pieces.length && head.length < chars; at += 1) head += part.pieces[at]!;
  return head;
}

/** The document as plain data, the shape of `Document` in the kernel. */
export function plainDocument(document: Document): { run: Fields; parts: WirePart[] } {
  return { run: document.run, parts: document.parts.map(plainPart) };
}

/** One part as plain data, its text joined. */
export function plainPart(part: Part): WirePart {
  const plain: WirePart = { ...part.fields, id: part.id, kind: part.kind };
  if ("text" in part.fields || part.pieces.length > 0) plain["text"] = textOf(part);
  if (part.items) plain["items"] = [...part.items.list];
  if (part.items?.dropped) plain["dropped"] = part.items.dropped;
  return plain;
}

function applyOp(document: Document, op: Op, changes: Changes): void {
  switch (op?.op) {
    case "run":
      if (isFields(op.fields)) Object.assign(document.run, op.fields);
      changes.run = true;
      return;
    case "add":
      if (!isPart(op.part)) return setAside(document, op);
      addPart(document, op.part);
      changes.parts.add(op.part.id);
      return;
    case "append":
    case "set":
    case "extend":
    case "put": {
      const part = document.byId.get(op.id);
      if (!part) return setAside(document, op);
      applyToPart(part, op);
      changes.parts.add(op.id);
      return;
    }
    case "remove":
      remove(document, Array.isArray(op.ids) ? op.ids : [], changes);
      return;
    default:
      setAside(document, op);
  }
}

function applyToPart(part: Part, op: Extract<Op, { id: string }>): void {
  if (op.op === "append") return append(part, op.text);
  if (op.op === "set") return setFields(part, op.fields);
  const items = (part.items ??= { list: [], dropped: 0, generation: 0 });
  const change = op.op === "extend" ? extendItems : putItems;
  if (Array.isArray(op.items)) change(items, op.items);
  trimItems(items, part.fields["keep"]);
}

function remove(document: Document, ids: readonly string[], changes: Changes): void {
  const known = ids.filter((id) => document.byId.delete(id));
  if (known.length === 0) return;
  const removed = new Set(known);
  document.parts = document.parts.filter((part) => !removed.has(part.id));
  for (const id of removed) {
    changes.removed.add(id);
    changes.parts.delete(id);
  }
}

function addPart(document: Document, wire: WirePart): void {
  if (!isPart(wire)) return setAside(document, wire);
  const old = document.byId.get(wire.id);
  if (old) return setFields(old, wire); // the same ID twice: the last one wins
  const part: Part = {
    id: wire.id,
    kind: wire.kind,
    fields: {},
    pieces: [],
    generation: 0,
    items: null,
  };
  setFields(part, wire);
  document.parts.push(part);
  document.byId.set(part.id, part);
}

function keep(document: Document, part: Part, wire: WirePart): void {
  setFields(part, wire);
  document.parts.push(part);
  document.byId.set(part.id, part);
}

function setFields(part: Part, fields: Fields): void {
  if (!isFields(fields)) return;
  const { items, dropped, id: _id, kind: _kind, ...others } = fields;
  part.fields = { ...part.fields, ...others };
  if (typeof others["text"] === "string") replaceText(part, others["text"]);
  if (Array.isArray(items)) replaceItems(part, items, dropped);
  if (part.items) trimItems(part.items, part.fields["keep"]);
}

function replaceItems(part: Part, list: readonly Json[], dropped: Json | undefined): void {
  const before = typeof dropped === "number" && dropped > 0 ? dropped : 0;
  const generation = part.items ? part.items.generation + 1 : 0;
  part.items = { list: [...list], dropped: before, generation };
}

function append(part: Part, text: Json): void {
  if (typeof text === "string" && text !== "") part.pieces.push(text);
}

function replaceText(part: Part, text: string): void {
  const had = textOf(part);
  if (text.startsWith(had)) return append(part, text.slice(had.length));
  part.pieces = textPieces(text);
  part.generation += 1;
}

const textPieces = (text: Json | undefined): string[] =>
  typeof text === "string" && text !== "" ? [text] : [];

function isPart(wire: unknown): wire is WirePart {
  const part = wire as WirePart | null;
  return typeof part?.id === "string" && typeof part.kind === "string";
}

function setAside(document: Document, stray: unknown): void {
  document.strays.push(stray);
  if (document.strays.length > STRAYS_COUNT) document.strays.shift();
}
