import { describe, expect, it } from "vitest";
import { jsonBody } from "../../functions/_shared/http/json-body.ts";
import { agentChatBody, taskRunnerBody } from "../../types/schemas.ts";

const post = (body: string) => new Request("http://localhost", { method: "POST", body });

describe("a JSON body", () => {
  it("is parsed with its schema", async () => {
    expect(await jsonBody(post('{"budget_seconds": 5}'), taskRunnerBody)).toEqual({
      budget_seconds: 5,
    });
  });

  it("may be empty where nothing is needed", async () => {
    expect(await jsonBody(post(""), taskRunnerBody)).toEqual({ budget_seconds: 120 });
  });

  it("is refused when it is not JSON", async () => {
    await expect(jsonBody(post("{nope"), taskRunnerBody)).rejects.toMatchObject({
      status: 400,
      code: "invalid_json",
    });
  });

  it("is refused with each wrong field named", async () => {
    const error = await jsonBody(post('{"agent_id": "x", "message": "  "}'), agentChatBody).catch(
      (error) => error,
    );

    expect(error).toMatchObject({ status: 400, code: "invalid_body" });
    expect(error.details.map(({ path }: { path: string }) => path)).toEqual([
      "agent_id",
      "message",
    ]);
  });

  it.each(['{"message": "a\\u0000b"}', '{"a\\u0000b": 1}', '[["\\u0000"]]'])(
    "is refused with a character that no text of the database has: %s",
    async (body) => {
      await expect(jsonBody(post(body), taskRunnerBody)).rejects.toMatchObject({
        status: 400,
        code: "invalid_body",
        message: "The body is not valid: it holds the character U+0000.",
      });
    },
  );

  it("may speak of that character", async () => {
    const spoken = JSON.stringify({ budget_seconds: 5, note: "\\u0000" });

    expect(await jsonBody(post(spoken), taskRunnerBody)).toMatchObject({ budget_seconds: 5 });
  });

  it("is refused when it is too large, whether it says so or not", async () => {
    const streamed = new Request("http://localhost", {
      method: "POST",
      body: new Blob(["x".repeat(500)]).stream(),
      duplex: "half",
    } as RequestInit);

    await expect(jsonBody(streamed, taskRunnerBody, 100)).rejects.toMatchObject({ status: 413 });
    await expect(jsonBody(post("x".repeat(500)), taskRunnerBody, 100)).rejects.toMatchObject({
      status: 413,
      code: "body_too_large",
    });
  });

  it("lets no runner ask for more time than the platform gives", async () => {
    await expect(jsonBody(post('{"budget_seconds": 600}'), taskRunnerBody)).rejects.toMatchObject({
      code: "invalid_body",
    });
  });
});
