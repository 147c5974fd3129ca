/**
 * A response whose body is counted as it goes by. Where `count` throws or the body breaks off,
 * `onFailure` hears of it too.
 */
export function watched(
  response: Response,
  count: (bytes: number) => void,
  onFailure: (error: unknown) => void,
): Response {
  if (!response.body) {
    return response;
  }
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const { value, done } = await reader.read();
          if (done) {
            controller.close();
            return;
          }
          count(value.length);
          controller.enqueue(new Uint8Array(value));
        } catch (error) {
          onFailure(error);
          controller.error(error);
          await reader.cancel(error).catch(() => undefined);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
