import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { githubCapabilities } from "../../../functions/_shared/integrations/github.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { type GitHubIssue, startGitHub } from "../../support/providers/github.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

const accessToken = "gho_0123456789abcdefghijklmnopqrstuvwxyzAB";
const repository = "acme/site";
const issues: GitHubIssue[] = [];
let github: TestApi;

beforeAll(async () => {
  github = await startGitHub(accessToken, repository, issues);
});
beforeEach(() => {
  github.forget();
  issues.splice(
    0,
    issues.length,
    { number: 1, title: "Broken link", labels: ["bug"] },
    { number: 2, title: "Fix link", isPullRequest: true },
    { number: 3, title: "Bump a", isPullRequest: true },
    { number: 4, title: "Bump b", isPullRequest: true },
    { number: 5, title: "Slow page" },
    { number: 6, title: "Old", state: "closed" },
  );
});
afterAll(() => github.close());

const ask = (key: string, input: unknown, token = accessToken) =>
  call(githubCapabilities, key, input, contextFor(github.url, { accessToken: token }));

describe("github_list_issues", () => {
  it("lists issues without the pull requests among them", async () => {
    const answer = await ask("github_list_issues", { repository });

    expect(answer).toMatchObject({
      issues: [
        { number: 1, labels: ["bug"], author: "octocat", body: "Body of 1" },
        { number: 5, url: "https://github.com/acme/site/issues/5" },
      ],
      next_page: null,
    });
  });

  it("turns over pages that hold nothing but pull requests", async () => {
    const answer = await ask("github_list_issues", { repository, limit: 2, page: 2 });

    expect(answer).toMatchObject({ issues: [{ number: 5 }], next_page: null });
    expect(github.requests.map(({ query }) => query.get("page"))).toEqual(["2", "3"]);
  });

  it("filters at GitHub", async () => {
    const answer = await ask("github_list_issues", {
      repository,
      state: "all",
      labels: ["bug"],
      since: "2026-11-20T10:00:00+02:00",
    });

    expect(answer).toMatchObject({ issues: [{ number: 1 }] });
    expect(github.requests[0]?.query.get("since")).toBe("2026-11-20T08:00:00.000Z");
  });

  it.each([
    "acme",
    "acme/..",
    "acme/.",
    "acme/site/../../user",
    "acme/site?x",
    "https://github.com/acme/site",
  ])("takes no repository called %s", async (name) => {
    await expect(ask("github_list_issues", { repository: name })).rejects.toThrow();
    expect(github.requests).toEqual([]);
  });
});

describe("github_create_issue", () => {
  it("creates an issue and answers with its number", async () => {
    const answer = await ask("github_create_issue", {
      repository,
      title: "A new one",
      body: "Text",
      labels: ["bug"],
    });

    expect(answer).toEqual({
      number: 7,
      title: "A new one",
      state: "open",
      url: "https://github.com/acme/site/issues/7",
    });
    expect(issues.at(-1)).toMatchObject({ title: "A new one", labels: ["bug"] });
  });

  it("says what GitHub finds wrong", async () => {
    github.answerNext({
      status: 422,
      json: { message: "Validation Failed", errors: [{ field: "labels", code: "invalid" }] },
    });

    const failure = await failureOf(ask("github_create_issue", { repository, title: "A" }));

    expect(failure).toMatchObject({
      code: "provider_invalid_input",
      message: expect.stringContaining("Validation Failed"),
    });
  });

  it("says where issues are switched off", async () => {
    github.answerNext({
      status: 410,
      json: { message: "Issues has been disabled in this repository." },
    });

    const failure = await failureOf(ask("github_create_issue", { repository, title: "A" }));

    expect(failure.message).toContain("disabled");
  });
});

describe("github_comment_issue", () => {
  it("comments on an issue", async () => {
    const answer = await ask("github_comment_issue", { repository, number: 1, body: "Seen." });

    expect(answer).toEqual({
      comment_id: 7,
      url: "https://github.com/acme/site/issues/1#issuecomment-7",
    });
    expect(JSON.parse(String(github.requests[0]?.body))).toEqual({ body: "Seen." });
  });

  it("says that there is no such issue", async () => {
    const failure = await failureOf(
      ask("github_comment_issue", { repository, number: 99, body: "Seen." }),
    );

    expect(failure.code).toBe("provider_not_found");
  });
});

describe("GitHub's failures", () => {
  it("asks for a renewal when the token is refused", async () => {
    const failure = await failureOf(ask("github_list_issues", { repository }, "gho_gone"));

    expect(failure.code).toBe("provider_unauthorized");
  });

  it("takes a 403 of too many requests for what it is", async () => {
    const reset = String(Math.round(Date.now() / 1000) + 90);
    github.answerNext({
      status: 403,
      json: { message: "API rate limit exceeded for user ID 1." },
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset },
    });

    const failure = await failureOf(ask("github_list_issues", { repository }));

    expect(failure.code).toBe("provider_rate_limited");
    expect(failure.retryAfterSeconds).toBeGreaterThan(80);
  });
});
