/** A file of the run: requested from the kernel, or made from the data of this page if the kernel is disconnected. */

import { copyText, saveFile } from "../base/files.ts";
import type { SavedFile } from "../base/files.ts";
import type { ExportKind } from "../parts/part-view.ts";
import { plainPart, textOf } from "../protocol/patch.ts";
import type { Part } from "../protocol/patch.ts";
import type { Store } from "../protocol/store.ts";
import type { Custom, ExportAnswer } from "../protocol/wire.ts";
import * as english from "../words/english.ts";

interface Wish {
  what: ExportKind;
  use: "copy" | "save";
  partId?: string | undefined;
}

/** Null on success, else a sentence about the failure. */
export async function take(store: Store, { what, use, partId }: Wish): Promise<string | null> {
  const made = store.link.state === "gone" ? { error: english.EXPORT_GONE } : await askFile(store, what, partId);
  const file = "error" in made ? ownFile(store, what, partId) : made;
  if (!file) return (made as { error: string }).error;
  if (use === "copy") return copyText(new TextDecoder().decode(file.bytes));
  saveFile(file);
  return null;
}

/** The file from the data of this page; null if that is not enough. */
function ownFile(store: Store, what: ExportKind, partId: string | undefined): SavedFile | null {
  const { parts, byId } = store.document;
  const encode = (name: string, mime: string, text: string): SavedFile => ({ name, mime, bytes: new TextEncoder().encode(text) });
  if (what === "markdown") {
    const text = parts.filter(({ kind }) => kind === "text").map(textOf).join("\n\n");
    return text === "" ? null : encode("stream.md", "text/markdown", `${text}\n`);
  }
  const table = partId === undefined ? undefined : byId.get(partId);
  if (what === "csv" && table?.items) return encode(`${String(table.fields["name"] ?? "table")}.csv`, "text/csv", csvOf(table));
  return null;
}

export function csvOf(part: Part): string {
  const columns = plainPart(part)["columns"];
  const names = Array.isArray(columns) ? columns.map((column) => (column as { name?: unknown })?.name) : [];
  const rows = (part.items?.list ?? []).map((row) => names.map((_, at) => (Array.isArray(row) ? row[at] : null)));
  return [names, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
}

function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

type Exported = SavedFile | { error: string };

const ANSWER_WITHIN_MS = 15_000;

function askFile(store: Store, what: string, partId?: string): Promise<Exported> {
  return new Promise((done) => {
    const message = store.command("export", { what, ...(partId ? { part_id: partId } : {}) });
    if (message === null) return done({ error: english.EXPORT_GONE });
    const end = (answer: Exported): void => {
      clearTimeout(late);
      store.customs.delete(listen);
      done(answer);
    };
    const late = setTimeout(() => end({ error: english.EXPORT_SILENT }), ANSWER_WITHIN_MS);
    const listen: Custom = (content, buffers) => {
      const answer = (content ?? {}) as Partial<ExportAnswer>;
      if (answer.export === message.request_id) end(read(answer, buffers?.[0]));
    };
    store.customs.add(listen);
  });
}

function read({ name, mime, error }: Partial<ExportAnswer>, bytes?: ArrayBuffer | ArrayBufferView): Exported {
  if (error || !bytes) return { error: error || english.EXPORT_EMPTY };
  return { name: String(name || "stream.txt"), mime: String(mime || "text/plain"), bytes: copyOf(bytes) };
}

/** Messages share one buffer, so the data is copied. */
function copyOf(bytes: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes.slice(0));
  return new Uint8Array(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
