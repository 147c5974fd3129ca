import { Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** An issue, or a pull request, which GitHub lists among them. */
export interface GitHubIssue {
  number: number;
  title: string;
  state?: "open" | "closed";
  labels?: string[];
  isPullRequest?: boolean;
}

/** GitHub's REST API of 2022-11-28 (https://docs.github.com/rest/issues) with one repository. */
export async function startGitHub(
  token: string,
  repository: string,
  issues: GitHubIssue[],
): Promise<TestApi> {
  const app = new Hono();
  const notFound = { message: "Not Found", documentation_url: "https://docs.github.com/rest" };
  app.use(async (c, next) => {
    if (!c.req.header("user-agent")) {
      return c.text("Request forbidden by administrative rules.", 403);
    }
    if (c.req.header("x-github-api-version") !== "2022-11-28") {
      return c.json({ message: "Unsupported API version" }, 400);
    }
    if (c.req.header("accept") !== "application/vnd.github+json") {
      return c.json({ message: "Unsupported 'Accept' header" }, 415);
    }
    return c.req.header("authorization") === `Bearer ${token}`
      ? next()
      : c.json({ message: "Bad credentials" }, 401);
  });

  app.get(`/repos/${repository}/issues`, (c) => {
    const { state = "open", labels, per_page = "30", page = "1" } = c.req.query();
    const all = issues
      .filter((issue) => state === "all" || (issue.state ?? "open") === state)
      .filter(
        (issue) => !labels || labels.split(",").every((name) => issue.labels?.includes(name)),
      );
    const end = Number(page) * Number(per_page);
    if (end < all.length) {
      const next = new URL(c.req.url);
      next.searchParams.set("page", String(Number(page) + 1));
      c.header("link", `<${next}>; rel="next", <${next}>; rel="last"`);
    }
    return c.json(all.slice(end - Number(per_page), end).map((issue) => show(issue, repository)));
  });
  app.post(`/repos/${repository}/issues`, async (c) => {
    const { title, body, labels = [] } = await c.req.json();
    if (typeof title !== "string" || title === "") {
      return c.json(
        {
          message: "Validation Failed",
          errors: [{ resource: "Issue", code: "missing_field", field: "title" }],
        },
        422,
      );
    }
    const issue = { number: issues.length + 1, title, labels };
    issues.push(issue);
    return c.json({ ...show(issue, repository), body }, 201);
  });
  app.post(`/repos/${repository}/issues/:number/comments`, async (c) => {
    const number = Number(c.req.param("number"));
    if (!issues.some((issue) => issue.number === number)) return c.json(notFound, 404);
    const { body } = await c.req.json();
    const html_url = `https://github.com/${repository}/issues/${number}#issuecomment-7`;
    return c.json({ id: 7, body, html_url }, 201);
  });
  app.notFound((c) => c.json(notFound, 404));
  return serveProvider(app);
}

function show(issue: GitHubIssue, repository: string) {
  const { number, title, state = "open", labels = [], isPullRequest } = issue;
  const html_url = `https://github.com/${repository}/issues/${number}`;
  return {
    id: 1000 + number,
    number,
    title,
    state,
    html_url,
    body: `Body of ${number}`,
    user: { login: "octocat", id: 1 },
    labels: labels.map((name) => ({ id: 1, name, color: "ff0000" })),
    assignees: [],
    comments: 0,
    created_at: "2026-11-01T00:00:00Z",
    updated_at: "2026-11-02T00:00:00Z",
    ...(isPullRequest ? { pull_request: { url: html_url } } : {}),
  };
}
