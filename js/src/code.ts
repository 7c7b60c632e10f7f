/** Code that travelled as gzipped bytes. The bytes are state, so they run only if they are known. */

export async function gunzipModule(src: ArrayBufferView<ArrayBuffer>, hash: string): Promise<unknown> {
  const bytes = new Uint8Array(src.buffer, src.byteOffset, src.byteLength);
  const digest = await crypto.subtle?.digest("SHA-256", bytes); // secure contexts only
  if (digest) {
    const first = new DataView(digest).getBigUint64(0).toString(16).padStart(16, "0");
    if (first !== hash) throw new Error("The code that came is not the code that was asked for.");
  }
  return importText(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}

export async function importText(plain: BodyInit): Promise<unknown> {
  const headers = { "content-type": "text/javascript" }; // the type of the blob, and so of the module
  const url = URL.createObjectURL(await new Response(plain, { headers }).blob());
  return import(url).finally(() => URL.revokeObjectURL(url));
}

/** A module of the user's own: text, bytes of text, or gzipped bytes. */
export function gunzipText(src: unknown): Promise<unknown> {
  if (typeof src === "string") return importText(src);
  const view = src as ArrayBufferView<ArrayBuffer>;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = new Blob([bytes]).stream();
  return importText(packed ? plain.pipeThrough(new DecompressionStream("gzip")) : plain);
}
