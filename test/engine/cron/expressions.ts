import type { Random } from "./random.ts";

interface Field {
  lowest: number;
  highest: number;
  names?: readonly string[];
}

const minute: Field = { lowest: 0, highest: 59 };
const hour: Field = { lowest: 0, highest: 23 };
const dayOfMonth: Field = { lowest: 1, highest: 31 };
const month: Field = {
  lowest: 1,
  highest: 12,
  names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const dayOfWeek: Field = {
  lowest: 0,
  highest: 7,
  names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};
const nicknames = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/** An expression as somebody might write it, with a liking for the hours that clocks change in. */
export function randomExpression(random: Random): string {
  if (random.chance(0.03)) {
    return random.pick(nicknames);
  }
  return [
    randomField(random, minute, 0.15),
    random.chance(0.5) ? randomChangeHour(random) : randomField(random, hour, 0.3),
    randomField(random, dayOfMonth, 0.6),
    randomField(random, month, 0.7),
    randomField(random, dayOfWeek, 0.6),
  ].join(random.chance(0.05) ? "   " : " ");
}

function randomChangeHour(random: Random): string {
  return random.pick(["0", "1", "2", "3", "23", "0-4", "1,2,3", "*", "*/2", "0-23/3", "2-3"]);
}

function randomField(random: Random, field: Field, wildcard: number): string {
  if (random.chance(wildcard)) {
    return "*";
  }
  const length = random.chance(0.2) ? random.between(2, 4) : 1;
  return Array.from({ length }, () => randomItem(random, field)).join(",");
}

function randomItem(random: Random, field: Field): string {
  const { lowest, highest } = field;
  const kind = random.next();
  if (kind < 0.2) {
    return `*/${random.between(1, dayOfWeek === field ? 7 : highest - lowest + 1)}`;
  }
  if (kind < 0.4) {
    const first = random.between(lowest, highest);
    const last = random.between(first, highest);
    const step = random.chance(0.3) ? `/${random.between(1, 5)}` : "";
    return `${spell(random, field, first)}-${spell(random, field, last)}${step}`;
  }
  return spell(random, field, random.between(lowest, highest));
}

function spell(random: Random, field: Field, value: number): string {
  const name = random.chance(0.3) ? field.names?.[value - field.lowest] : undefined;
  return random.chance(0.3) ? (name?.toUpperCase() ?? `${value}`) : (name ?? `${value}`);
}
