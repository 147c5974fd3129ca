/** Compresses texts as they come; only what is compressed is kept in memory. */
export interface GzipText {
  write(text: string): Promise<void>;
  /** Compressed bytes so far, about. */
  size(): number;
  end(): Promise<Uint8Array<ArrayBuffer>>;
  abort(): void;
}

/** Begins to compress. */
export function gzipText(): GzipText {
  const gzip = new CompressionStream("gzip");
  const writer = gzip.writable.getWriter();
  const encoder = new TextEncoder();
  const chunks: Uint8Array[] = [];
  let size = 0;

  const collected = (async () => {
    const reader = gzip.readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      chunks.push(value);
      size += value.byteLength;
    }
  })();
  collected.catch(() => {}); // end() says it

  return {
    write: (text) => writer.write(encoder.encode(text)),
    size: () => size,
    async end() {
      await writer.close();
      await collected;
      const bytes = new Uint8Array(size);
      let at = 0;
      for (const chunk of chunks) {
        bytes.set(chunk, at);
        at += chunk.byteLength;
      }
      return bytes;
    },
    abort: () => void writer.abort().catch(() => {}),
  };
}
