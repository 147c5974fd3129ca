/** A reason why the demonstration cannot go on, in one sentence, and what to do about it. */
export class DemoError extends Error {
  override name = "DemoError";

  constructor(
    message: string,
    readonly advice: string | null = null,
  ) {
    super(message);
  }
}
