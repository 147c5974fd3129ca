import { describe, expect, it } from "vitest";
import { openaiName } from "../../../functions/_shared/mcp/openai-name.ts";
import {
  openaiParameters,
  UnusableSchema,
} from "../../../functions/_shared/mcp/openai-parameters.ts";
import { noteOf, readManifest } from "../../../functions/_shared/mcp/read-manifest.ts";

const anything = { type: "object" };

describe("the name of a tool for models", () => {
  it.each([
    ["library", "search", "library__search"],
    ["my-books", "get_one", "my-books__get_one"],
  ])("of %s and %s is %s", async (connection, tool, name) => {
    expect(await openaiName(connection, tool)).toBe(name);
  });

  const hard: [string, string][] = [
    ["My Books", "search"],
    ["my books", "search"],
    ["my_books", "search"],
    ["my_books", "Suche nach Büchern!"],
    ["my_books", "Suche nach Buchern?"],
    ["my_books", "本を探す"],
    ["my_books", "探"],
    ["a__b", "c"],
    ["a", "b__c"],
    ["a_", "_b"],
    ["x".repeat(100), "search"],
    ["x".repeat(101), "search"],
    ["library", "y".repeat(128)],
    ["library", `${"y".repeat(127)}z`],
    ["library", "files/read"],
    ["library", "files.read"],
    ["", ""],
  ];

  it("is always one that models take, and no other tool's", async () => {
    const names = await Promise.all(hard.map((pair) => openaiName(...pair)));

    expect(names.filter((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(hard.length);
  });

  it("does not depend on what else there is", async () => {
    expect(await openaiName("a", "b c")).toBe(await openaiName("a", "b c"));
  });
});

describe("the input of a tool for models", () => {
  it.each<[string, unknown, unknown]>([
    ["nothing", {}, { type: "object", properties: {} }],
    [
      "properties without a type",
      { properties: { a: { properties: {} }, b: { items: { type: "string" } }, c: { enum: [1] } } },
      {
        type: "object",
        properties: {
          a: { type: "object", properties: {} },
          b: { type: "array", items: { type: "string" } },
          c: { type: "number", enum: [1] },
        },
      },
    ],
    ["an object or nothing", { type: ["object", "null"] }, { type: "object", properties: {} }],
    [
      "references into $defs and definitions",
      {
        type: "object",
        properties: {
          from: { $ref: "#/$defs/place", description: "Where it begins" },
          to: { $ref: "#/definitions/a~1b%20c" },
          same: { $ref: "#/properties/from" },
        },
        $defs: { place: { type: "string", description: "A place" } },
        definitions: { "a/b c": { type: "number" } },
        $schema: "http://json-schema.org/draft-07/schema#",
      },
      {
        type: "object",
        properties: {
          from: { type: "string", description: "Where it begins" },
          to: { type: "number" },
          same: { type: "string", description: "Where it begins" },
        },
      },
    ],
    [
      "a reference at the root",
      { $ref: "#/$defs/input", $defs: { input: { properties: { a: true }, required: ["a"] } } },
      { type: "object", properties: { a: true }, required: ["a"] },
    ],
    [
      "references that lead back to themselves, nowhere, or out",
      {
        type: "object",
        properties: {
          tree: { $ref: "#/$defs/tree" },
          lost: { $ref: "#/$defs/none" },
          out: { $ref: "https://elsewhere.example.com/schema.json" },
          inherited: { $ref: "#/constructor" },
          self: { $ref: "#/properties/self" },
        },
        $defs: { tree: { type: "object", properties: { left: { $ref: "#/$defs/tree" } } } },
      },
      {
        type: "object",
        properties: {
          tree: { type: "object", properties: { left: {} } },
          lost: {},
          out: {},
          inherited: {},
          self: {},
        },
      },
    ],
    [
      "alternatives at the root",
      {
        oneOf: [
          { type: "object", properties: { id: { type: "string" }, x: {} }, required: ["id", "x"] },
          { properties: { id: { type: "string" }, name: {} }, required: ["id", "name"] },
        ],
      },
      {
        type: "object",
        properties: { id: { type: "string" }, x: {}, name: {} },
        required: ["id"],
      },
    ],
    [
      "all of several at the root",
      { allOf: [{ properties: { a: {} }, required: ["a"] }, { properties: { b: {} } }] },
      { type: "object", properties: { a: {}, b: {} }, required: ["a"] },
    ],
    [
      "alternatives further down, as they are",
      { properties: { a: { anyOf: [{ type: "string" }, { type: "null" }] } } },
      { type: "object", properties: { a: { anyOf: [{ type: "string" }, { type: "null" }] } } },
    ],
    [
      "keywords that are of the wrong kind, without them",
      { type: "object", properties: [1], required: "all", title: 7, items: 3, anyOf: {} },
      { type: "object", items: {}, properties: {} },
    ],
    [
      "what a reader would not see, without it",
      { description: "Adds\u200b\u202e.\u{e0041}\nTwo.", properties: {} },
      { type: "object", description: "Adds.\nTwo.", properties: {} },
    ],
  ])("takes over %s", (_, schema, expected) => {
    expect(openaiParameters(schema)).toEqual(expected);
  });

  it("keeps a property called __proto__ a property", () => {
    const schema = JSON.parse('{"properties": {"__proto__": {"type": "string"}}}');

    expect(JSON.stringify(openaiParameters(schema))).toContain('"__proto__":{"type":"string"}');
  });

  it.each<[string, unknown]>([
    ["a text", { type: "string" }],
    ["a list", { items: { type: "string" } }],
    ["one of texts", { anyOf: [{ type: "string" }, { type: "number" }] }],
  ])("is not %s", (_, schema) => {
    expect(() => openaiParameters(schema)).toThrow("its input is no object");
  });

  it("does not grow without end", () => {
    const level = (place: number) => ({
      properties: { a: { $ref: `#/$defs/l${place}` }, b: { $ref: `#/$defs/l${place}` } },
    });
    const $defs = Object.fromEntries(
      Array.from({ length: 30 }, (_, place) => [`l${place}`, level(place + 1)]),
    );
    let deep: unknown = {};
    for (let place = 0; place < 500; place += 1) {
      deep = { properties: { a: deep } };
    }

    expect(() => openaiParameters({ ...level(0), $defs })).toThrow(UnusableSchema);
    expect(() => openaiParameters(deep)).toThrow(UnusableSchema);
  });
});

describe("a manifest", () => {
  it("has each tool as the server gave it, and as models take it", async () => {
    const schema = { type: "object", properties: { q: { $ref: "#/$defs/q" } }, $defs: { q: {} } };
    const offered = [{ name: "find it", description: "Finds.", inputSchema: schema, more: 1 }];

    expect((await readManifest("library", offered)).tools).toEqual([
      {
        name: "find it",
        description: "Finds.",
        schema,
        openai: {
          type: "function",
          function: {
            name: expect.stringMatching(/^library__find_it_[0-9a-f]{10}$/),
            description: "Finds.",
            parameters: { type: "object", properties: { q: {} } },
          },
        },
      },
    ]);
  });

  it("leaves out what is no tool, and says why, but keeps the others", async () => {
    const manifest = await readManifest("library", [
      { name: "good", inputSchema: anything },
      { name: "good", inputSchema: anything },
      "a text",
      null,
      { name: 7, inputSchema: anything },
      { name: "", inputSchema: anything },
      { name: "x".repeat(129), inputSchema: anything },
      { name: "hid\u200bden", inputSchema: anything },
      { name: "wordy", description: "ä".repeat(2_049), inputSchema: anything },
      { name: "large", inputSchema: { ...anything, description: "x".repeat(33_000) } },
      { name: "nul", description: "a\u0000b", inputSchema: anything },
      { name: "half", inputSchema: { ...anything, title: "\ud800" } },
      { name: "text", inputSchema: { type: "string" } },
      { name: "list", inputSchema: [] },
      { name: "backslash", description: "C:\\u0000", inputSchema: anything },
      { name: "bare" },
    ]);

    expect(manifest.tools.map(({ name }) => name)).toEqual(["good", "backslash", "bare"]);
    expect(manifest.leftOut).toHaveLength(13);
    expect(noteOf(manifest)).toMatch(
      /^Tools that were left out: good \(another has its name\); number 3 \(it is no tool\);.* 3 more\.$/,
    );
    expect(noteOf(manifest)?.length).toBeLessThanOrEqual(1_000);
  });

  it("has nothing to note when all is well", async () => {
    expect(noteOf(await readManifest("a", [{ name: "b", inputSchema: anything }]))).toBeNull();
  });
});
