import { credentialRules } from "./rules.ts";

/** What separates the words of a name, beside a capital. */
const SEPARATOR = "[_.$@:/-]";
const HUMP = "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])";
const BOUNDARY = `(^|${SEPARATOR}|${HUMP})`;

/** A pattern that matches without case. JSON Schema knows no flags. */
function anyCase(pattern: string): string {
  return pattern.replace(/\\.|\[(?:\\.|[^\]])*\]|[a-z]/gi, (part) =>
    part.length === 1 ? `[${part.toLowerCase()}${part.toUpperCase()}]` : part,
  );
}

/** A pattern for names in snake_case as one for names as they are written. */
function asWritten(pattern: string): string {
  return anyCase(pattern).replace(/\(\^\|_\)|_\??/g, (part) =>
    part === "_?" ? `${SEPARATOR}*` : part === "_" ? `(${SEPARATOR}+|${HUMP})` : BOUNDARY,
  );
}

/** Names that match, and do not merely speak about credentials. */
function names(pattern: string): string {
  const harmless = asWritten(credentialRules.harmlessName).slice(1);
  return `^(?=[A-Za-z0-9_.$@:/-]{1,100}$)(?!${harmless}).*(${asWritten(pattern)})`;
}

const { strongName, weakName, referenceName } = credentialRules;
const strong = names(strongName);
const weak = names(weakName);
const reference = names(strongName.replace(/\$$/, referenceName));

const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
const text = (pattern: string) => ({ type: "string", pattern });
const harmless = text(anyCase(credentialRules.harmlessValue));

/** JSON Schema's conditional. */
const when = (condition: object, consequence: object) => ({
  if: condition,
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: consequence,
});

/** Strings pass by the rule; lists and `{ "value": … }` carry it on to what they hold. */
const carried = (name: string, rule: object) => ({
  allOf: [when({ type: "string" }, rule)],
  items: ref(name),
  properties: { value: ref(name) },
});

/** What is called `pattern` under `name` makes the `value` beside it what `definition` says. */
const pair = (name: string, pattern: string, definition: string) =>
  when(
    { type: "object", required: [name], properties: { [name]: text(pattern) } },
    { properties: { value: ref(definition) } },
  );

/**
 * A configuration without plain credentials, as JSON Schema (draft 7). It takes what the database
 * takes, so a form can tell before it sends; the database decides.
 */
export const configurationJsonSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "A configuration: any JSON object without plain credentials",
  type: "object",
  allOf: [ref("node")],
  definitions: {
    text: {
      not: {
        anyOf: [
          text(credentialRules.shape),
          {
            allOf: [
              text(anyCase(credentialRules.connectionPlace)),
              text(anyCase(credentialRules.connectionPassword)),
            ],
          },
        ],
      },
    },
    node: {
      allOf: [
        ref("text"),
        // Apart, so that additionalProperties means every property, each looked at once.
        {
          patternProperties: {
            [strong]: ref("strong"),
            [weak]: ref("weak"),
            [reference]: ref("reference"),
          },
        },
        ...["name", "key", "header"].flatMap((name) => [
          pair(name, strong, "strong"),
          pair(name, weak, "weak"),
        ]),
        ...["user", "username", "login"].map((name) =>
          when({ type: "object", required: [name] }, { properties: { pass: ref("strong") } }),
        ),
      ],
      propertyNames: ref("text"),
      additionalProperties: ref("node"),
      items: ref("node"),
    },
    strong: carried("strong", harmless),
    weak: carried("weak", { anyOf: [harmless, { not: text(credentialRules.weakValue) }] }),
    reference: when({ type: "string" }, { anyOf: [harmless, text(credentialRules.reference)] }),
  },
} as const;
