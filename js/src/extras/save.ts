/** Gives the reader a file, or puts text on the clipboard. */

import { bareLink } from "../dom.ts";
import type { File } from "./exports.ts";

export function save({ name, mime, bytes }: File): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: mime }));
  const link = bareLink();
  link.href = url; // an address of our own making, not one that came
  link.download = name.replace(/[^\w.\- ]+/g, "_").slice(0, 120) || "stream.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Null if it went well, else a sentence. */
export async function copy(text: string): Promise<string | null> {
  try {
    await navigator.clipboard.writeText(text);
    return null;
  } catch {
    return "The browser did not allow to copy.";
  }
}
