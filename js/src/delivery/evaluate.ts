/** Turns code that arrives as bytes in the state of a widget into a module. */

export type Bytes = ArrayBufferView<ArrayBuffer>;

/**
 * Return the module in the gzipped bytes `src`. Rejects unless their SHA-256 begins with `hash`: a client
 * can write the state of a widget, so only bytes with the hash of this version are run.
 */
export async function evaluate<Module>(src: Bytes, hash: string): Promise<Module> {
  const bytes = new Uint8Array(src.buffer, src.byteOffset, src.byteLength);
  const digest = await crypto.subtle?.digest("SHA-256", bytes); // null outside secure contexts
  if (digest) {
    const first = new DataView(digest).getBigUint64(0).toString(16).padStart(16, "0");
    if (first !== hash) throw new Error(`SHA-256 is ${first}, not ${hash}`);
  }
  return importBytes(unzipped(bytes));
}

/** Return the user's module from source text, bytes of source text, or gzipped bytes. */
export async function importModule(src: unknown): Promise<unknown> {
  if (typeof src === "string") return importBytes(src);
  const { buffer, byteOffset, byteLength } = src as Bytes;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return importBytes(gzipped ? unzipped(bytes) : bytes);
}

const unzipped = (bytes: Uint8Array<ArrayBuffer>): ReadableStream =>
  new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));

async function importBytes<Module>(source: BodyInit): Promise<Module> {
  const headers = { "content-type": "text/javascript" }; // the type of the blob, hence of the module
  const url = URL.createObjectURL(await new Response(source, { headers }).blob());
  return import(url).finally(() => URL.revokeObjectURL(url));
}
