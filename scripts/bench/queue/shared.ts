/** Trivial jobs a round does. */
export const jobs = 20_000;

/** Workers at once. */
export const workers = 24;

/** Jobs taken and completed at once where batches are allowed. */
export const batch = 500;

/** Jobs per second of work that returns how many jobs it did; anything but all of them is an error. */
export async function rate(work: () => Promise<number>): Promise<number> {
  const start = process.hrtime.bigint();
  const done = await work();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (done !== jobs) {
    throw new Error(`${done} jobs were done instead of ${jobs}`);
  }
  return jobs / seconds;
}
