/** A module of the user's own, as its carrier holds it: text, bytes of text, or gzipped bytes. */

export async function importModule(src: unknown): Promise<unknown> {
  const plain = typeof src === "string" ? src : bodyOf(src as ArrayBufferView<ArrayBuffer>);
  const headers = { "content-type": "text/javascript" }; // the type of the blob, and so of the module
  const url = URL.createObjectURL(await new Response(plain, { headers }).blob());
  return import(url).finally(() => URL.revokeObjectURL(url));
}

function bodyOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): BodyInit {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return packed ? new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")) : bytes;
}
