import { badAnswer } from "./byte-reader.ts";

/** Unpacks a body that was packed although nobody asked for it. Other codings are refused. */
export function decompressed(
  pieces: AsyncGenerator<Uint8Array, void>,
  encoding: string | null,
): AsyncGenerator<Uint8Array, void> {
  switch (encoding?.trim().toLowerCase() ?? "") {
    case "":
    case "identity":
      return pieces;
    case "gzip":
    case "x-gzip":
      return unpack(pieces, "gzip");
    case "deflate":
      return unpack(pieces, "deflate");
    default:
      throw badAnswer("its coding was not asked for");
  }
}

async function* unpack(
  pieces: AsyncGenerator<Uint8Array, void>,
  format: CompressionFormat,
): AsyncGenerator<Uint8Array, void> {
  let cause: unknown;
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value, done } = await pieces.next().catch((error) => {
        cause = error;
        throw error;
      });
      if (done) {
        controller.close();
      } else {
        controller.enqueue(new Uint8Array(value));
      }
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream(format)).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield next.value;
    }
  } catch {
    // What a runtime's unpacking throws differs; what the pieces threw says more.
    throw cause ?? badAnswer("it cannot be unpacked");
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
