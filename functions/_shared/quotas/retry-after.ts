/** For quotas that do not free themselves with time. */
const WITHOUT_TIME_SECONDS = 60;

/** Seconds after which trying again may help, from the hint of a PT429: "Try again in 12 seconds". */
export function quotaRetryAfterSeconds(hint: string | null | undefined): number {
  const seconds = /\bin (\d+) seconds?\b/.exec(hint ?? "")?.[1];
  return seconds === undefined ? WITHOUT_TIME_SECONDS : Number(seconds);
}
