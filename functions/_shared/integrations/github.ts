import { z } from "zod";
import { type Capability, defineCapability } from "./capability.ts";
import { excerpt } from "./excerpt.ts";
import { bearerApi } from "./provider-api.ts";

/** Pages of nothing but pull requests that are turned over in search of an issue. */
const MOST_PAGES = 5;

const headers = {
  accept: "application/vnd.github+json",
  "x-github-api-version": "2022-11-28",
};

// A name of dots would lead to another of the API's methods.
const repository = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/)
  .describe("The repository as owner/name.");

const issue = z.object({
  number: z.number(),
  title: z.string(),
  state: z.string(),
  html_url: z.string(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullish(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])).default([]),
  assignees: z.array(z.object({ login: z.string() })).nullish(),
  comments: z.number().optional(),
  created_at: z.string(),
  updated_at: z.string(),
  pull_request: z.unknown().optional(),
});

const listIssues = defineCapability({
  key: "github_list_issues",
  input: z.strictObject({
    repository,
    state: z.enum(["open", "closed", "all"]).default("open"),
    labels: z.array(z.string().min(1).max(50)).max(10).optional().describe("All of these."),
    assignee: z.string().max(39).optional().describe("A login, * for anybody, none for nobody."),
    since: z
      .string()
      .refine((text) => !Number.isNaN(Date.parse(text)), "Not a date and time")
      .optional()
      .meta({ format: "date-time", description: "Only issues updated at or after this time." }),
    limit: z.int().min(1).max(100).default(30).describe("Most issues in one answer."),
    page: z.int().min(1).max(1000).default(1).describe("next_page, to read on."),
  }),
  async execute({ repository, limit, page, labels, since, ...filter }, context) {
    for (let at = page; ; at += 1) {
      const found = await bearerApi("GitHub", context).json(z.array(issue), {
        headers,
        path: `repos/${repository}/issues`,
        query: {
          ...filter,
          labels: labels?.join(","),
          since: since && new Date(since).toISOString(),
          per_page: limit,
          page: at,
        },
      });
      // To GitHub a pull request is an issue, too.
      const issues = found.filter(({ pull_request }) => !pull_request);
      const hasNext = found.length === limit;
      if (issues.length > 0 || !hasNext || at >= page + MOST_PAGES - 1) {
        return { issues: issues.map(compact), next_page: hasNext ? at + 1 : null };
      }
    }
  },
});

const createIssue = defineCapability({
  key: "github_create_issue",
  input: z.strictObject({
    repository,
    title: z.string().trim().min(1).max(256),
    body: z.string().max(65_536).optional().describe("In GitHub's Markdown."),
    labels: z.array(z.string().min(1).max(50)).max(100).optional(),
    assignees: z.array(z.string().min(1).max(39)).max(10).optional().describe("Logins."),
  }),
  async execute({ repository, ...json }, context) {
    const { number, title, html_url, state } = await bearerApi("GitHub", context).json(issue, {
      headers,
      method: "POST",
      path: `repos/${repository}/issues`,
      json,
    });
    return { number, title, state, url: html_url };
  },
});

const commentIssue = defineCapability({
  key: "github_comment_issue",
  input: z.strictObject({
    repository,
    number: z.int().min(1).max(2_147_483_647).describe("The number of the issue."),
    body: z.string().min(1).max(65_536).describe("In GitHub's Markdown."),
  }),
  async execute({ repository, number, body }, context) {
    const comment = z.object({ id: z.number(), html_url: z.string() });
    const { id, html_url } = await bearerApi("GitHub", context).json(comment, {
      headers,
      method: "POST",
      path: `repos/${repository}/issues/${number}/comments`,
      json: { body },
    });
    return { comment_id: id, url: html_url };
  },
});

/** What agents can do at GitHub. */
export const githubCapabilities: readonly Capability[] = [listIssues, createIssue, commentIssue];

function compact({ number, title, state, html_url, user, labels, ...more }: z.infer<typeof issue>) {
  return {
    number,
    title,
    state,
    url: html_url,
    author: user?.login,
    labels: labels.map((label) => (typeof label === "string" ? label : (label.name ?? ""))),
    assignees: more.assignees?.map(({ login }) => login) ?? [],
    comments: more.comments,
    created_at: more.created_at,
    updated_at: more.updated_at,
    body: excerpt(more.body, 500),
  };
}
