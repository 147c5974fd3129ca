import { describe, expect, it } from "vitest";
import { databaseError } from "../../functions/_shared/errors/database-error.ts";
import { errorResponse } from "../../functions/_shared/errors/error-response.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { redact } from "../../functions/_shared/redact.ts";

describe("an error of the database", () => {
  it("keeps the status, sentence, key and hint that we raised", () => {
    const error = databaseError({
      code: "PT402",
      message: "The month's model budget is used up",
      details: "model_budget_exceeded",
      hint: "Raise the limit.",
      status: 402,
    });

    expect(error).toMatchObject({
      status: 402,
      code: "model_budget_exceeded",
      message: "The month's model budget is used up",
      hint: "Raise the limit.",
    });
  });

  it("shows nothing of what PostgreSQL says by itself", () => {
    const error = databaseError({
      code: "23503",
      message: 'violates foreign key constraint "secret_table_fkey"',
      details: "Key (id)=(1) is not present",
      status: 409,
    });

    expect(error).toMatchObject({ status: 500, code: "internal_error", details: null, hint: null });
    expect(error.message).not.toContain("secret_table");
  });

  it.each([
    ["Try again in 23 seconds, or have requests_per_minute_limit raised.", "23"],
    ["Try again when rows were deleted.", "60"],
  ])("tells of a quota when to come back: %s", (hint, seconds) => {
    const failure = { code: "PT429", message: "Full", details: "rows_quota_reached", hint };

    const response = errorResponse(databaseError({ ...failure, status: 429 }), "abc");

    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe(seconds);
  });

  it("calls a refused privilege forbidden", () => {
    expect(databaseError({ code: "42501", message: "denied", status: 403 })).toMatchObject({
      status: 403,
      code: "forbidden",
    });
  });

  it("takes a privilege that the service lacks for a fault of ours", () => {
    const failure = { code: "42501", message: "denied", status: 403 };

    expect(databaseError(failure, "service")).toMatchObject({ status: 500 });
  });

  it.each([{ status: 0 }, { status: 503 }, { code: "PGRST003", status: 504 }])(
    "calls %o unavailable",
    (failure) => {
      expect(databaseError(failure)).toMatchObject({ status: 503, code: "database_unavailable" });
    },
  );
});

describe("an error response", () => {
  it("carries code, message, details, hint and correlation id", async () => {
    const error = new HttpError(404, "agent_not_found", "No such agent.", { hint: "Look again." });

    const response = errorResponse(error, "abc");

    expect(response.status).toBe(404);
    expect(response.headers.has("retry-after")).toBe(false);
    expect(await response.json()).toEqual({
      code: "agent_not_found",
      message: "No such agent.",
      details: null,
      hint: "Look again.",
      correlation_id: "abc",
    });
  });

  it("says nothing of an unexpected error", async () => {
    const response = errorResponse(new Error("password=hunter2"), "abc");

    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("hunter2");
  });
});

describe("redacting", () => {
  it("takes out given secrets and whatever looks like a key", () => {
    const text = redact("key my-own-secret, sk-proj-abcdef123456, Bearer abcdefghijkl", [
      "my-own-secret",
    ]);

    expect(text).not.toMatch(/my-own-secret|abcdef/);
  });

  it.each([
    ["ghp", "_abcdefghijklmnop"],
    ["xoxb", "-123456789012-abcdefgh"],
    ["postgres://user:", "abcdefgh@db/app"],
    ["-----BEGIN PRIVATE", " KEY-----\nabcdefgh\n-----END PRIVATE KEY-----"],
  ])("knows what configurations may not hold, also in a line of JSON: %s", (start, rest) => {
    const line = JSON.stringify({ message: `it said:\n${start}${rest}\nand left` });

    const clean = redact(line);

    expect(clean).not.toContain("abcdefgh");
    expect(clean).toContain("and left");
  });
});
