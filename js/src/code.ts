/** Code that came as gzipped bytes in the state of a widget, made into a module. */

export type Bytes = ArrayBufferView<ArrayBuffer>;

/**
 * The module in `src`; rejects if its hash does not begin with `hash`: the bytes are state that a
 * client can write, so they are run only if they are the ones we know.
 */
export async function evaluate<Module>(src: Bytes, hash: string): Promise<Module> {
  const bytes = new Uint8Array(src.buffer, src.byteOffset, src.byteLength);
  const digest = await crypto.subtle?.digest("SHA-256", bytes); // secure contexts only
  if (digest) {
    const first = new DataView(digest).getBigUint64(0).toString(16).padStart(16, "0");
    if (first !== hash) throw Error(); // as good as no code
  }
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const headers = { "content-type": "text/javascript" }; // the type of the blob, and so of the module
  const url = URL.createObjectURL(await new Response(plain, { headers }).blob());
  return import(url).finally(() => URL.revokeObjectURL(url));
}
