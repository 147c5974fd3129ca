import { z } from "zod";
import { askLinear } from "./ask-linear.ts";
import { type Capability, type CapabilityContext, defineCapability } from "./capability.ts";
import { excerpt } from "./excerpt.ts";
import { ProviderError } from "./provider-error.ts";

const team = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9]{1,10}$/)
  .describe("The team's key: the ENG of an issue ENG-123.");

const PRIORITIES = ["none", "urgent", "high", "normal", "low"] as const;

const listIssues = defineCapability({
  key: "linear_list_issues",
  input: z.strictObject({
    team: team.optional(),
    state: z
      .enum(["triage", "backlog", "unstarted", "started", "completed", "canceled"])
      .optional()
      .describe("The kind of state that issues are in."),
    assigned_to_me: z.boolean().optional().describe("Only issues of the connected account."),
    title_contains: z.string().min(1).max(200).optional(),
    limit: z.int().min(1).max(100).default(30).describe("Most issues in one answer."),
    cursor: z.string().min(1).max(500).optional().describe("next_cursor, to read on."),
  }),
  async execute({ team, state, assigned_to_me, title_contains, limit, cursor }, context) {
    const filter = {
      ...(team ? { team: { key: { eq: team.toUpperCase() } } } : {}),
      ...(state ? { state: { type: { eq: state } } } : {}),
      ...(assigned_to_me ? { assignee: { isMe: { eq: true } } } : {}),
      ...(title_contains ? { title: { containsIgnoreCase: title_contains } } : {}),
    };
    const { issues } = await askLinear(context, z.object({ issues: page }), ISSUES, {
      first: limit,
      after: cursor ?? null,
      filter,
    });
    const { hasNextPage, endCursor } = issues.pageInfo;
    return {
      issues: issues.nodes.map(compact),
      next_cursor: hasNextPage ? (endCursor ?? null) : null,
    };
  },
});

const createIssue = defineCapability({
  key: "linear_create_issue",
  input: z.strictObject({
    team,
    title: z.string().trim().min(1).max(255),
    description: z.string().max(100_000).optional().describe("In Markdown."),
    priority: z.enum(PRIORITIES).optional(),
  }),
  async execute({ team, title, description, priority }, context) {
    const input = {
      teamId: await findTeam(team, context),
      title,
      ...(description === undefined ? {} : { description }),
      ...(priority === undefined ? {} : { priority: PRIORITIES.indexOf(priority) }),
    };
    const created = z.object({ issueCreate: z.object({ success: z.boolean(), issue: written }) });
    const { issueCreate } = await askLinear(context, created, CREATE_ISSUE, { input });
    if (!issueCreate.success || !issueCreate.issue) {
      throw new ProviderError("provider_bad_answer", "Linear did not create the issue.", {
        hint: "Look with linear_list_issues before trying again.",
      });
    }
    return issueCreate.issue;
  },
});

/** What agents can do at Linear. */
export const linearCapabilities: readonly Capability[] = [listIssues, createIssue];

const ISSUES = `
query Issues($first: Int!, $after: String, $filter: IssueFilter) {
  issues(first: $first, after: $after, filter: $filter, orderBy: updatedAt) {
    nodes {
      identifier title url priorityLabel description dueDate createdAt updatedAt
      state { name type }
      assignee { name }
      team { key }
      labels { nodes { name } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

const TEAMS = `
query Teams($filter: TeamFilter) {
  teams(first: 1, filter: $filter) { nodes { id } }
}`;

const CREATE_ISSUE = `
mutation CreateIssue($input: IssueCreateInput!) {
  issueCreate(input: $input) { success issue { identifier title url } }
}`;

const issue = z.object({
  identifier: z.string(),
  title: z.string(),
  url: z.string(),
  priorityLabel: z.string().nullish(),
  description: z.string().nullish(),
  dueDate: z.string().nullish(),
  createdAt: z.string(),
  updatedAt: z.string(),
  state: z.object({ name: z.string(), type: z.string() }),
  assignee: z.object({ name: z.string() }).nullish(),
  team: z.object({ key: z.string() }),
  labels: z.object({ nodes: z.array(z.object({ name: z.string() })) }),
});

const page = z.object({
  nodes: z.array(issue),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
});

const written = z.object({ identifier: z.string(), title: z.string(), url: z.string() }).nullish();

function compact({ state, assignee, team, labels, description, ...more }: z.infer<typeof issue>) {
  return {
    identifier: more.identifier,
    title: more.title,
    url: more.url,
    team: team.key,
    state: state.name,
    state_type: state.type,
    priority: more.priorityLabel,
    assignee: assignee?.name ?? null,
    labels: labels.nodes.map(({ name }) => name),
    due_date: more.dueDate ?? null,
    created_at: more.createdAt,
    updated_at: more.updatedAt,
    description: excerpt(description, 500),
  };
}

async function findTeam(key: string, context: CapabilityContext): Promise<string> {
  const found = z.object({ teams: z.object({ nodes: z.array(z.object({ id: z.string() })) }) });
  const { teams } = await askLinear(context, found, TEAMS, {
    filter: { key: { eq: key.toUpperCase() } },
  });
  const [first] = teams.nodes;
  if (!first) {
    throw new ProviderError("provider_not_found", `Linear has no team ${key.toUpperCase()}.`, {
      hint: "Take the letters that issues of the team begin with: linear_list_issues.",
    });
  }
  return first.id;
}
