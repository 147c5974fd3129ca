import PgBoss from "pg-boss";
import type { Scratch } from "../scratch.ts";
import { batch, jobs, rate } from "./shared.ts";

/** pg-boss, fetching and completing in batches, with its maintenance off while time runs. */
export async function pgBoss({ url, admin }: Scratch, loops: number): Promise<number> {
  const boss = new PgBoss({
    connectionString: url,
    max: loops,
    supervise: false,
    schedule: false,
  });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.deleteQueue("bench").catch(() => undefined);
  await boss.createQueue("bench");
  const all = Array.from({ length: jobs }, (_, n) => ({ name: "bench", data: { n } }));
  for (let start = 0; start < jobs; start += 5000) {
    await boss.insert(all.slice(start, start + 5000));
  }
  await admin.query("vacuum analyze pgboss.job");

  let done = 0;
  const measured = await rate(async () => {
    const work = async () => {
      for (;;) {
        const fetched = await boss.fetch("bench", { batchSize: batch });
        if (fetched.length === 0) {
          return;
        }
        await boss.complete(
          "bench",
          fetched.map(({ id }) => id),
        );
        done += fetched.length;
      }
    };
    await Promise.all(Array.from({ length: loops }, work));
    return done;
  });
  await boss.stop({ graceful: false, wait: true });
  return measured;
}
