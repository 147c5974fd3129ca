import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { linearCapabilities } from "../../../functions/_shared/integrations/linear.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { type LinearWorld, startLinear } from "../../support/providers/linear.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

const accessToken = "lin_oauth_the_token";
const world: LinearWorld = { teams: [{ id: "team-uuid", key: "ENG" }], issues: [] };
let linear: TestApi;

beforeAll(async () => {
  linear = await startLinear(accessToken, world);
});
beforeEach(() => {
  linear.forget();
  world.issues = [
    { identifier: "ENG-1", title: "Login fails", team: "ENG", state: "started" },
    { identifier: "ENG-2", title: "Slow login", team: "ENG", state: "backlog" },
    { identifier: "OPS-1", title: "Disk full", team: "OPS", state: "started" },
  ];
});
afterAll(() => linear.close());

const ask = (key: string, input: unknown, token = accessToken) =>
  call(linearCapabilities, key, input, contextFor(linear.url, { accessToken: token }));

describe("linear_list_issues", () => {
  it("lists issues page by page", async () => {
    const first = (await ask("linear_list_issues", { limit: 2 })) as { next_cursor: string };
    const second = await ask("linear_list_issues", { limit: 2, cursor: first.next_cursor });

    expect(first).toMatchObject({
      issues: [
        { identifier: "ENG-1", state: "In Progress", assignee: "Nora", labels: ["bug"] },
        { identifier: "ENG-2" },
      ],
      next_cursor: "ENG-2",
    });
    expect(second).toMatchObject({ issues: [{ identifier: "OPS-1" }], next_cursor: null });
  });

  it("filters by team, state and title", async () => {
    const answer = await ask("linear_list_issues", {
      team: "eng",
      state: "started",
      title_contains: "LOGIN",
    });

    expect(answer).toMatchObject({ issues: [{ identifier: "ENG-1" }] });
  });
});

describe("linear_create_issue", () => {
  it("creates an issue in the team that the key names", async () => {
    const answer = await ask("linear_create_issue", {
      team: "ENG",
      title: "New",
      description: "Text",
      priority: "high",
    });

    expect(answer).toEqual({
      identifier: "ENG-4",
      title: "New",
      url: "https://linear.app/acme/issue/ENG-4",
    });
    const { variables } = JSON.parse(String(linear.requests.at(-1)?.body));
    expect(variables.input).toEqual({
      teamId: "team-uuid",
      title: "New",
      description: "Text",
      priority: 2,
    });
  });

  it("says that there is no such team, and creates nothing", async () => {
    const failure = await failureOf(ask("linear_create_issue", { team: "XYZ", title: "New" }));

    expect(failure).toMatchObject({
      code: "provider_not_found",
      message: "Linear has no team XYZ.",
    });
    expect(world.issues).toHaveLength(3);
  });

  it("says when Linear created nothing", async () => {
    linear.answerNext({ json: { data: { teams: { nodes: [{ id: "team-uuid" }] } } } });
    const issue = { identifier: "ENG-1", title: "Old", url: "https://linear.app/x" };
    linear.answerNext({ json: { data: { issueCreate: { success: false, issue } } } });

    const failure = await failureOf(ask("linear_create_issue", { team: "ENG", title: "New" }));

    expect(failure.message).toBe("Linear did not create the issue.");
  });

  it("passes what a model wrote as variables, never as part of the query", async () => {
    const title = 'x") { success } } mutation { organizationDelete(input: {';
    await ask("linear_create_issue", { team: "ENG", title });

    expect(world.issues.at(-1)?.title).toBe(title);
    expect(JSON.parse(String(linear.requests.at(-1)?.body)).query).not.toContain("Delete");
  });
});

describe("Linear's failures", () => {
  const fault = (code: string, type: string, message = "No") => ({
    errors: [{ message, extensions: { code, type, userPresentableMessage: `${message}.` } }],
    data: null,
  });

  it("reads errors that come with status 200", async () => {
    linear.answerNext({ json: fault("FORBIDDEN", "forbidden", "You may not see this team") });

    const failure = await failureOf(ask("linear_list_issues", {}));

    expect(failure).toMatchObject({
      code: "provider_forbidden",
      message: 'Linear refuses this: "You may not see this team.".',
    });
  });

  it("uses nothing of half an answer", async () => {
    const nodes = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
    linear.answerNext({
      json: { ...fault("INTERNAL_SERVER_ERROR", "internal error"), data: { issues: nodes } },
    });

    const failure = await failureOf(ask("linear_list_issues", {}));

    expect(failure.code).toBe("provider_unavailable");
  });

  it("takes the 400 of too many requests for what it is", async () => {
    linear.answerNext({ status: 400, json: fault("RATELIMITED", "ratelimited") });

    const failure = await failureOf(ask("linear_list_issues", {}));

    expect(failure.code).toBe("provider_rate_limited");
  });

  it("asks for a renewal when the token is refused", async () => {
    const failure = await failureOf(ask("linear_list_issues", {}, "lin_oauth_gone"));

    expect(failure.code).toBe("provider_unauthorized");
  });
});
