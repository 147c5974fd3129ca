import { Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** What is at the scripted Linear. */
export interface LinearWorld {
  teams: { id: string; key: string }[];
  issues: { identifier: string; title: string; team: string; state: string }[];
}

interface Variables {
  first: number;
  after: string | null;
  filter: {
    team?: { key: { eq: string } };
    state?: { type: { eq: string } };
    title?: { containsIgnoreCase: string };
    key?: { eq: string };
  };
  input: { teamId: string; title: string; description?: string; priority?: number };
}

/**
 * Linear's GraphQL API (https://linear.app/developers/graphql): one address, failures in `errors`,
 * with status 200, or 400 where nothing was run. It knows the queries that it is asked by the field
 * at their top, and refuses a query whose variables do not fit.
 */
export async function startLinear(token: string, world: LinearWorld): Promise<TestApi> {
  const app = new Hono();
  const fault = (message: string, type: string, code: string) => ({
    errors: [{ message, extensions: { type, code, userPresentableMessage: `${message}.` } }],
  });
  const answers: Record<string, (variables: Variables) => object> = {
    issues: ({ first, after, filter }) => {
      const all = world.issues
        .filter(({ team }) => !filter.team || team === filter.team.key.eq)
        .filter(({ state }) => !filter.state || state === filter.state.type.eq)
        .filter(
          ({ title }) =>
            !filter.title ||
            title.toLowerCase().includes(filter.title.containsIgnoreCase.toLowerCase()),
        );
      const start = after ? all.findIndex(({ identifier }) => identifier === after) + 1 : 0;
      const nodes = all.slice(start, start + first);
      const pageInfo = {
        hasNextPage: start + first < all.length,
        endCursor: nodes.at(-1)?.identifier ?? null,
      };
      return { data: { issues: { nodes: nodes.map(show), pageInfo } } };
    },
    teams: ({ filter }) => ({
      data: { teams: { nodes: world.teams.filter(({ key }) => key === filter.key?.eq) } },
    }),
    issueCreate: ({ input }) => {
      const team = world.teams.find(({ id }) => id === input.teamId);
      if (!team) {
        return {
          ...fault("Entity not found: Team", "invalid input", "INPUT_ERROR"),
          data: null,
        };
      }
      const identifier = `${team.key}-${world.issues.length + 1}`;
      world.issues.push({ identifier, title: input.title, team: team.key, state: "backlog" });
      const url = `https://linear.app/acme/issue/${identifier}`;
      return {
        data: { issueCreate: { success: true, issue: { identifier, title: input.title, url } } },
      };
    },
  };

  app.post("/graphql", async (c) => {
    if (c.req.header("authorization") !== `Bearer ${token}`) {
      const type = "authentication error";
      return c.json(
        fault("Authentication required, not authenticated", type, "AUTHENTICATION_ERROR"),
        401,
      );
    }
    const { query, variables } = await c.req.json();
    const field = /\{\s*(\w+)/.exec(query.replace(/^[^{]*/, ""))?.[1] ?? "";
    const declared = [...query.matchAll(/\$(\w+):\s*([\w!]+)/g)];
    const missing = declared.find(([, name, type]) => type.endsWith("!") && !(name in variables));
    const answer = answers[field];
    return answer && !missing
      ? c.json(answer(variables))
      : c.json(fault(`Cannot query field "${field}"`, "graphql error", "GRAPHQL_ERROR"), 400);
  });
  return serveProvider(app);
}

function show({ identifier, title, team, state }: LinearWorld["issues"][number]) {
  return {
    identifier,
    title,
    url: `https://linear.app/acme/issue/${identifier}`,
    priorityLabel: "High",
    description: null,
    dueDate: null,
    createdAt: "2026-11-01T00:00:00.000Z",
    updatedAt: "2026-11-02T00:00:00.000Z",
    state: { name: "In Progress", type: state },
    assignee: { name: "Nora" },
    team: { key: team },
    labels: { nodes: [{ name: "bug" }] },
  };
}
