import { asObject, mergeVariants, type Schema } from "./merge-variants.ts";
import { pointedTo } from "./pointed-to.ts";
import { visibleText } from "./visible-text.ts";

/** A schema that cannot be given to a model; the message completes "It was left out: …". */
export class UnusableSchema extends Error {
  override name = "UnusableSchema";
}

/** References can make a small schema boundless, so what they grow to has a limit. */
const MOST_NODES = 4_000;
const MOST_DEPTH = 40;

/** Keywords that hold one schema, a list of them, or a map of them. */
const ONE = ["additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"];
const LIST = ["anyOf", "oneOf", "allOf", "prefixItems"];
const MAP = ["properties", "patternProperties"];
/** Keywords that are taken over as they are. All others are none of a model's business. */
const PLAIN = [
  "enum,const,default,examples,format,pattern,deprecated,nullable",
  "minimum,maximum,exclusiveMinimum,exclusiveMaximum,multipleOf,minLength,maxLength",
  "minItems,maxItems,uniqueItems,minProperties,maxProperties",
].flatMap((names) => names.split(","));

/**
 * JSON Schema of a tool's input, as a server gave it, in the form that models take: an object at the
 * root, references written out, types said. A reference that leads back to itself, or out of the
 * schema, allows anything. Throws `UnusableSchema` for what takes no object or has no end.
 */
export function openaiParameters(schema: unknown): Schema {
  const writer = new SchemaWriter(schema);
  const root = writer.write(schema, [], 0);
  const merged = mergeVariants(typeof root === "object" ? root : {}, schema === false);
  const types = [merged.type ?? "object"].flat();
  if (!types.includes("object")) {
    throw new UnusableSchema("its input is no object");
  }
  return { ...merged, type: "object", properties: asObject(merged.properties) ?? {} };
}

class SchemaWriter {
  private nodes = 0;

  constructor(private readonly document: unknown) {}

  write(schema: unknown, seen: readonly string[], depth: number): Schema | boolean {
    this.nodes += 1;
    if (this.nodes > MOST_NODES || depth > MOST_DEPTH) {
      throw new UnusableSchema("its schema is too deep, or grows too large when written out");
    }
    if (typeof schema === "boolean") {
      return schema;
    }
    const given = asObject(schema);
    if (!given) {
      return {};
    }
    const reference = given.$ref ?? given.$dynamicRef;
    if (typeof reference === "string") {
      return this.follow(given, reference, seen, depth);
    }
    return this.copy(given, seen, depth);
  }

  /** What a reference stands for; what is written beside it holds as well. */
  private follow(
    given: Schema,
    reference: string,
    seen: readonly string[],
    depth: number,
  ): Schema | boolean {
    const beside = this.copy(given, seen, depth);
    const target = seen.includes(reference) ? undefined : pointedTo(this.document, reference);
    if (target === undefined) {
      return beside;
    }
    const written = this.write(target, [...seen, reference], depth + 1);
    return typeof written === "boolean" ? written : { ...written, ...beside };
  }

  private copy(given: Schema, seen: readonly string[], depth: number): Schema {
    const next = (value: unknown) => this.write(value, seen, depth + 1);
    const entries: [string, unknown][] = [];
    const type = typeOf(given);
    if (type !== undefined) {
      entries.push(["type", type]);
    }
    for (const name of ["title", "description"]) {
      if (typeof given[name] === "string") {
        entries.push([name, visibleText(given[name])]);
      }
    }
    for (const name of PLAIN) {
      if (given[name] !== undefined) {
        entries.push([name, given[name]]);
      }
    }
    for (const name of ONE) {
      if (typeof given[name] === "boolean" || asObject(given[name])) {
        entries.push([name, next(given[name])]);
      }
    }
    for (const name of LIST) {
      if (Array.isArray(given[name]) && given[name].length > 0) {
        entries.push([name, given[name].map(next)]);
      }
    }
    for (const name of MAP) {
      const map = asObject(given[name]);
      if (map) {
        const written = Object.entries(map).map(([key, value]) => [key, next(value)]);
        entries.push([name, Object.fromEntries(written)]);
      }
    }
    if (Array.isArray(given.items)) {
      entries.push(["prefixItems", given.items.map(next)]);
    } else if (given.items !== undefined) {
      entries.push(["items", next(given.items)]);
    }
    if (Array.isArray(given.required)) {
      const names = given.required.filter((name) => typeof name === "string");
      entries.push(["required", [...new Set(names)]]);
    }
    return Object.fromEntries(entries);
  }
}

/** The type that is said, or that follows from the other keywords. */
function typeOf(given: Schema): unknown {
  const { type } = given;
  if (typeof type === "string" || (Array.isArray(type) && type.length > 0)) {
    return type;
  }
  if (given.properties || given.additionalProperties || given.required) {
    return "object";
  }
  if (given.items || given.prefixItems) {
    return "array";
  }
  const values = Array.isArray(given.enum) ? given.enum : "const" in given ? [given.const] : [];
  const kinds = new Set(values.map(kindOf));
  return kinds.size === 1 ? [...kinds][0] : undefined;
}

function kindOf(value: unknown): string {
  if (value === null) {
    return "null";
  }
  return Array.isArray(value) ? "array" : typeof value;
}
