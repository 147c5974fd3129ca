const REDACTED = "[redacted]";
/** Deeper documents than anybody writes. */
const MOST_LEVELS = 100;

/**
 * A value as JSON that PostgreSQL takes, without the given secrets in its texts and keys.
 * Throws a `TypeError` for what JSON cannot say.
 */
export function cleanDocument(value: unknown, secrets: readonly string[] = []): unknown {
  const json = JSON.stringify(value ?? null);
  return clean(JSON.parse(json), known(secrets), 0);
}

/** A text without the given secrets, and without what PostgreSQL does not take. */
export function cleanText(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of known(secrets)) {
    clean = clean.replaceAll(secret, REDACTED);
  }
  // Neither a zero character nor half of a pair is text there.
  return clean.replaceAll("\u0000", "").replace(/\p{Surrogate}/gu, "\ufffd");
}

function known(secrets: readonly string[]): string[] {
  // The longest first: one may be the beginning of another.
  return secrets
    .filter((secret) => secret.length >= 4)
    .toSorted((one, other) => other.length - one.length);
}

function clean(value: unknown, secrets: readonly string[], level: number): unknown {
  if (level > MOST_LEVELS) {
    throw new TypeError("The document is nested too deeply");
  }
  if (typeof value === "string") {
    return cleanText(value, secrets);
  }
  if (Array.isArray(value)) {
    return value.map((each) => clean(each, secrets, level + 1));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        cleanText(key, secrets),
        clean(each, secrets, level + 1),
      ]),
    );
  }
  return value;
}
