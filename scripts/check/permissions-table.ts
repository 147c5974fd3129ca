import type { Database } from "../stack/database/index.ts";
import type { Check } from "./check.ts";
import { read } from "./files.ts";
import type { Workbench } from "./workbench.ts";

const ROLES = ["owner", "admin", "manager", "member", "guest"];
const BEGIN = "<!-- Written by npm run types: begin -->";
const END = "<!-- Written by npm run types: end -->";

interface Row {
  domain: string;
  role: string;
  actions: string[];
}

const heldByRoles = `
  select
    split_part(role_permissions.permission_key, '.', 1) as domain,
    roles.name as role,
    array_agg(
      split_part(role_permissions.permission_key, '.', 2) order by role_permissions.permission_key
    ) as actions
  from public.role_permissions
  join public.roles on roles.id = role_permissions.role_id and roles.organization_id is null
  group by 1, 2
  order by 1, 2`;

/** What each role of the system may do, as a Markdown table: a domain a row, its actions in cells. */
export async function permissionsTable(database: Pick<Database, "query">): Promise<string> {
  const rows = await database.query<Row>(heldByRoles);
  const domains = [...new Set(rows.map(({ domain }) => domain))];
  const actions = (domain: string, role: string) =>
    rows.find((row) => row.domain === domain && row.role === role)?.actions.join(", ") ?? "–";

  return [
    `| permissions | ${ROLES.join(" | ")} |`,
    `|${"---|".repeat(ROLES.length + 1)}`,
    ...domains.map(
      (domain) => `| \`${domain}.\` | ${ROLES.map((role) => actions(domain, role)).join(" | ")} |`,
    ),
  ].join("\n");
}

/** The README with a fresh table between its two marks. */
export function withTable(readme: string, table: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error("README.md: the table's marks are missing");
  return `${readme.slice(0, begin + BEGIN.length)}\n${table}\n${readme.slice(end)}`;
}

/** The README as the database would have it. */
export async function freshReadme(workbench: Workbench): Promise<string> {
  const { database } = await workbench.migrated();
  return withTable(read("README.md"), await permissionsTable(database));
}

/** The README's table of roles and permissions says what the migrations give them. */
export const permissionsAreFresh: Check = {
  name: "README.md's table of permissions is fresh",
  async run(workbench) {
    if ((await freshReadme(workbench)) === read("README.md")) return { problems: [] };
    return { problems: ["README.md differs from the roles of the system: run npm run types"] };
  },
};
