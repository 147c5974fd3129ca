const REFERENCE = /^(.+)_ref$/;

/** What a reference is resolved as: `api_key` for `api_key_ref`; null when it is none. */
export function referredName(name: string): string | null {
  return REFERENCE.exec(name)?.[1] ?? null;
}

/** What the references of a configuration name, each once: every text under `<x>_ref`. */
export function findReferences(config: unknown): string[] {
  const found = new Set<string>();
  collect(config, found);
  return [...found];
}

function collect(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      collect(item, found);
    }
  } else if (value !== null && typeof value === "object") {
    for (const [name, item] of Object.entries(value)) {
      if (typeof item === "string" && item !== "" && referredName(name)) {
        found.add(item);
      } else {
        collect(item, found);
      }
    }
  }
}
