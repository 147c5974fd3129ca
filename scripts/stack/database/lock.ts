/** Lets one holder in at a time, in the order of arrival. */
export class Lock {
  #last: Promise<void> = Promise.resolve();

  /** Waits for its turn and answers the function that ends it; ending twice does no harm. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  /** Runs the work while holding the lock. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.take();
    try {
      return await work();
    } finally {
      release();
    }
  }
}
