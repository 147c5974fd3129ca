import type { Random } from "./random.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Zones whose clocks do something unusual, beside those most people live by. */
export const zones = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "Europe/Dublin",
  "Europe/Moscow",
  "America/New_York",
  "America/Los_Angeles",
  "America/St_Johns",
  "America/Sao_Paulo",
  "America/Caracas",
  "America/Havana",
  "Africa/Cairo",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Asia/Tehran",
  "Asia/Pyongyang",
  "Australia/Lord_Howe",
  "Australia/Adelaide",
  "Antarctica/Troll",
  "Pacific/Apia",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
] as const;

const changesByYear = new Map<string, number[]>();
const formats = new Map<string, Intl.DateTimeFormat>();

/** An instant to the second: near a clock change, near a leap day, or anywhere. */
export function randomInstant(random: Random, zone: string): Date {
  const year = random.between(1971, 2037);
  const kind = random.next();
  if (kind < 0.6) {
    const changes = clockChanges(zone, year);
    if (changes.length > 0) {
      const distance = random.chance(0.5) ? 3 * hourMs : 36 * hourMs;
      const around = random.pick(changes) + random.between(-distance, distance) + 1000;
      return atSecond(random, around);
    }
  }
  if (kind < 0.7) {
    const leapDay = Date.UTC(random.pick([1972, 1996, 2000, 2024, 2028, 2036]), 1, 29);
    return atSecond(random, leapDay + random.between(-3 * dayMs, 3 * dayMs));
  }
  if (zone === "UTC" && random.chance(0.2)) {
    // 2100 is no leap year: the longest wait that the calendar knows.
    return atSecond(random, Date.UTC(2095, 0, 1) + random.between(0, 3650) * dayMs);
  }
  return atSecond(random, Date.UTC(year, 0, 1) + random.between(0, 365 * 24 * 60) * minuteMs);
}

/** Most instants fall on a full minute, where "after" has to mean strictly after. */
function atSecond(random: Random, ms: number): Date {
  const minute = Math.floor(ms / minuteMs) * minuteMs;
  return new Date(random.chance(0.7) ? minute : minute + random.between(1, 59) * 1000);
}

/** The instants in a year at which the zone's offset changes. */
function clockChanges(zone: string, year: number): number[] {
  const key = `${zone} ${year}`;
  let changes = changesByYear.get(key);
  if (!changes) {
    changes = [];
    const end = Date.UTC(year + 1, 0, 1);
    for (let start = Date.UTC(year, 0, 1); start < end; start += 7 * dayMs) {
      if (offsetMs(zone, start) !== offsetMs(zone, start + 7 * dayMs)) {
        changes.push(firstChange(zone, start, start + 7 * dayMs));
      }
    }
    changesByYear.set(key, changes);
  }
  return changes;
}

function firstChange(zone: string, before: number, after: number): number {
  const offset = offsetMs(zone, before);
  let [low, high] = [before, after];
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs;
    if (offsetMs(zone, middle) === offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high;
}

function offsetMs(zone: string, ms: number): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(
    format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]),
  ) as Record<"year" | "month" | "day" | "hour" | "minute", number>;
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute);
  return local - Math.floor(ms / minuteMs) * minuteMs;
}
