/** What has been started and must be stopped, the last first. */
export class Disposal {
  readonly #steps: (() => unknown)[] = [];
  #done: Promise<void> | undefined;

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Stops everything once; a step that fails does not keep the others from being done. */
  run(): Promise<void> {
    this.#done ??= this.#runSteps();
    return this.#done;
  }

  async #runSteps(): Promise<void> {
    for (const step of this.#steps.reverse()) {
      await Promise.resolve()
        .then(step)
        .catch((error) => console.error("stopping:", error));
    }
  }
}
