import { credentialRules, isNamedLike } from "./rules.ts";

/** Where in a document something is: keys of objects and places in arrays. */
export type DocumentPath = (string | number)[];

/** How far a name makes the text under it a credential. */
type Suspicion = "strong" | "weak" | "reference" | null;

const strongName = new RegExp(credentialRules.strongName);
const weakName = new RegExp(credentialRules.weakName);
const harmlessName = new RegExp(credentialRules.harmlessName);
const referenceName = new RegExp(credentialRules.referenceName);
const strongReferenceName = new RegExp(
  credentialRules.strongName.replace(/\$$/, credentialRules.referenceName),
);
const reference = new RegExp(credentialRules.reference);
const harmlessValue = new RegExp(credentialRules.harmlessValue, "i");
const weakValue = new RegExp(credentialRules.weakValue);
const shape = new RegExp(credentialRules.shape);
const connectionPlace = new RegExp(credentialRules.connectionPlace, "i");
const connectionPassword = new RegExp(credentialRules.connectionPassword, "i");

/** Where a document first holds a plain credential, or null. Never says what it is. */
export function findPlainCredential(document: unknown): DocumentPath | null {
  return search(document, null, []);
}

function search(value: unknown, suspicion: Suspicion, path: DocumentPath): DocumentPath | null {
  if (typeof value === "string") {
    return isCredential(value, suspicion) ? path : null;
  }
  if (Array.isArray(value)) {
    const inherited = suspicion === "reference" ? null : suspicion;
    return first(value.entries(), (place, item) => search(item, inherited, [...path, place]));
  }
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value);
    const object = new Map<string, unknown>(entries);
    return first(entries, (key, item) =>
      hasShape(key)
        ? [...path, "[redacted]"]
        : search(item, suspicionIn(object, key, suspicion), [...path, key]),
    );
  }
  return null;
}

function first<K, V>(
  entries: Iterable<[K, V]>,
  look: (key: K, value: V) => DocumentPath | null,
): DocumentPath | null {
  for (const [key, value] of entries) {
    const found = look(key, value);
    if (found) {
      return found;
    }
  }
  return null;
}

/** What a key means among its siblings: `{ name: "API_KEY", value }`, `{ user, pass }`. */
function suspicionIn(object: Map<string, unknown>, key: string, parent: Suspicion): Suspicion {
  if (key === "pass" && ["user", "username", "login"].some((name) => object.has(name))) {
    return "strong";
  }
  const own = suspicionOf(key);
  if (key !== "value") {
    return own;
  }
  const all = ["name", "key", "header"].map((name) => suspicionOf(object.get(name)));
  const heard = [parent, ...all];
  return heard.includes("strong") ? "strong" : heard.includes("weak") ? "weak" : null;
}

function suspicionOf(name: unknown): Suspicion {
  if (typeof name !== "string" || isNamedLike(name, harmlessName)) {
    return null;
  }
  if (isNamedLike(name, referenceName)) {
    return isNamedLike(name, strongReferenceName) ? "reference" : null;
  }
  return isNamedLike(name, strongName) ? "strong" : isNamedLike(name, weakName) ? "weak" : null;
}

function isCredential(text: string, suspicion: Suspicion): boolean {
  if (hasShape(text)) {
    return true;
  }
  if (suspicion === null || harmlessValue.test(text)) {
    return false;
  }
  switch (suspicion) {
    case "strong":
      return true;
    case "weak":
      return weakValue.test(text);
    case "reference":
      return !reference.test(text);
  }
}

function hasShape(text: string): boolean {
  return shape.test(text) || (connectionPlace.test(text) && connectionPassword.test(text));
}
