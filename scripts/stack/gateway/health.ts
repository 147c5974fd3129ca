/** Asks one part whether it is ready. */
export type Check = () => boolean | Promise<boolean>;

/** The state of the whole and of each part. */
export interface Health {
  status: "ok" | "unavailable";
  parts: Record<string, "ok" | "unavailable">;
}

const patienceMs = 2000;

/** Asks every part at once; one that does not answer in time is not ready. */
export async function checkHealth(checks: Record<string, Check>): Promise<Health> {
  const parts = Object.fromEntries(
    await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [
        name,
        (await inTime(check)) ? "ok" : "unavailable",
      ]),
    ),
  );
  const ok = Object.values(parts).every((state) => state === "ok");
  return { status: ok ? "ok" : "unavailable", parts };
}

async function inTime(check: Check): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, patienceMs, false);
  });
  const answer = Promise.resolve()
    .then(check)
    .catch(() => false);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
