/** What is at a path such as `data.viewer.id`; undefined where there is nothing. */
export function atPath(value: unknown, path: string): unknown {
  let at = value;
  for (const name of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) {
      return undefined;
    }
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** The text or number at a path, as a text; null where there is none. */
export function textAt(value: unknown, path: string): string | null {
  const found = atPath(value, path);
  const isText = (typeof found === "string" && found.trim() !== "") || typeof found === "number";
  return isText ? String(found) : null;
}
