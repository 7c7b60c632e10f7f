/** Downloads a file, or copies text to the clipboard. */

import { bareLink } from "./dom.ts";
import * as english from "../words/english.ts";

export interface SavedFile {
  name: string;
  mime: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export function saveFile({ name, mime, bytes }: SavedFile): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: mime }));
  const link = bareLink();
  link.href = url; // an object URL of ours, not one from the stream
  link.download = name.replace(/[^\w.\- ]+/g, "_").slice(0, 120) || "stream.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Null on success, else a sentence about the failure. */
export async function copyText(text: string): Promise<string | null> {
  try {
    await navigator.clipboard.writeText(text);
    return null;
  } catch {
    return english.CLIPBOARD_BLOCKED;
  }
}
