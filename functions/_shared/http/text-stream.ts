/**
 * Streams texts as they are asked for: the next is made when the client has taken the last. When
 * the client goes away, the generator returns and makes no more.
 */
export function textStream(texts: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await texts.next();
          if (done) {
            controller.close();
            return;
          }
          if (value !== "") {
            controller.enqueue(encoder.encode(value));
            return;
          }
        }
      },
      async cancel() {
        await texts.return();
      },
    },
    { highWaterMark: 0 },
  );
}
