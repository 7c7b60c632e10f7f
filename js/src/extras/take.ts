/** A file of the run: the kernel's, or where it is gone, what this page has of it. */

import { plainPart, textOf } from "../patch.ts";
import type { Part } from "../patch.ts";
import type { ExportKind } from "../renderers/renderer.ts";
import { copy, save } from "./save.ts";
import { askFile } from "./exports.ts";
import type { File } from "./exports.ts";
import type { Store } from "../store.ts";

interface Wish {
  what: ExportKind;
  use: "copy" | "save";
  partId?: string | undefined;
}

/** Null if it went well, else a sentence. */
export async function take(store: Store, { what, use, partId }: Wish): Promise<string | null> {
  const made = store.link.state === "gone" ? { error: "gone" } : await askFile(store, what, partId);
  const file = "error" in made ? ownFile(store, what, partId) : made;
  if (!file) return (made as { error: string }).error;
  if (use === "copy") return copy(new TextDecoder().decode(file.bytes));
  save(file);
  return null;
}

/** From what this page has; null where that is not enough. */
function ownFile(store: Store, what: ExportKind, partId: string | undefined): File | null {
  const { parts, byId } = store.document;
  const encode = (name: string, mime: string, text: string): File => ({ name, mime, bytes: new TextEncoder().encode(text) });
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
