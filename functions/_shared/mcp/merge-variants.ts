/** JSON Schema that is no mere true or false. */
export type Schema = Record<string, unknown>;

/**
 * Models take no alternatives at the root. Of `allOf` everything holds; of `anyOf` and `oneOf` all
 * properties are offered, and only those needed that every alternative needs.
 */
export function mergeVariants(root: Schema, isClosed: boolean): Schema {
  const { allOf, anyOf, oneOf, ...rest } = root;
  const parts = (value: unknown) =>
    (Array.isArray(value) ? value : []).flatMap((part) => {
      const object = asObject(part);
      return object ? [mergeVariants(object, false)] : [];
    });
  const all = parts(allOf);
  const some = [parts(anyOf), parts(oneOf)].filter((list) => list.length > 0);
  if (all.length === 0 && some.length === 0) {
    return isClosed ? { type: "object", additionalProperties: false } : rest;
  }
  const variants = [...all, ...some.flat()];
  const types = variants.map((part) => part.type).filter((type) => type !== undefined);
  const type = rest.type ?? types.find((each) => [each].flat().includes("object")) ?? types[0];
  const required = [
    ...names(rest),
    ...all.flatMap(names),
    ...some.flatMap((list) =>
      names(list[0] ?? {}).filter((name) => list.every((part) => names(part).includes(name))),
    ),
  ];
  return {
    ...rest,
    ...(type === undefined ? {} : { type }),
    properties: Object.fromEntries([
      ...variants.flatMap((part) => Object.entries(asObject(part.properties) ?? {})),
      ...Object.entries(asObject(rest.properties) ?? {}),
    ]),
    ...(required.length > 0 ? { required: [...new Set(required)] } : {}),
  };
}

function names(schema: Schema): string[] {
  return Array.isArray(schema.required) ? (schema.required as string[]) : [];
}

/** The value as an object; null when it is none. */
export function asObject(value: unknown): Schema | null {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Schema)
    : null;
}
