/** What a local reference (`#/$defs/x`) points to. */
export function pointedTo(document: unknown, reference: string): unknown {
  if (reference === "#") {
    return document;
  }
  if (!reference.startsWith("#/")) {
    return undefined;
  }
  let at: unknown = document;
  for (const part of reference.slice(2).split("/")) {
    const name = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    at =
      at !== null && typeof at === "object" && Object.hasOwn(at, name)
        ? (at as Record<string, unknown>)[name]
        : undefined;
  }
  return at;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
