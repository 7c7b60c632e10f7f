/** Files that the kernel writes when asked: the question, and the answer that comes as a message. */

import type { Store } from "../store.ts";
import type { Custom, ExportAnswer } from "../wire.ts";

export interface File {
  name: string;
  mime: string;
  bytes: Uint8Array<ArrayBuffer>;
}
export type Exported = File | { error: string };

const ANSWER_WITHIN_MS = 15_000;
const SILENT = "The kernel did not answer; it may be busy with a cell. Try again when that has ended.";

export function askFile(store: Store, what: string, partId?: string): Promise<Exported> {
  return new Promise((done) => {
    const message = store.command("export", { what, ...(partId ? { part_id: partId } : {}) });
    if (message === null) return done({ error: "The kernel is gone, and the file would come from it." });
    const end = (answer: Exported): void => {
      clearTimeout(late);
      store.customs.delete(listen);
      done(answer);
    };
    const late = setTimeout(() => end({ error: SILENT }), ANSWER_WITHIN_MS);
    const listen: Custom = (content, buffers) => {
      const answer = (content ?? {}) as Partial<ExportAnswer>;
      if (answer.export === message.request_id) end(read(answer, buffers?.[0]));
    };
    store.customs.add(listen);
  });
}

function read({ name, mime, error }: Partial<ExportAnswer>, bytes?: ArrayBuffer | ArrayBufferView): Exported {
  if (error || !bytes) return { error: error || "The kernel sent no file." };
  return { name: String(name || "stream.txt"), mime: String(mime || "text/plain"), bytes: copyOf(bytes) };
}

/** Messages share one buffer; what is kept is a copy of its own. */
function copyOf(bytes: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes.slice(0));
  return new Uint8Array(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
