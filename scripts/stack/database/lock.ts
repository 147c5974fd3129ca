/** Lets one holder in at a time, in the order of arrival. */
export class Lock {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Waits for its turn and answers the function that ends it; ending twice does no harm. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    this.#waiting += 1;
    await before;
    this.#waiting -= 1;
    return release;
  }
}
