import type { Contender, Entry } from "./entry.ts";
import { prepare, type Reader, transactions } from "./reads.ts";
import { openScratch } from "./scratch.ts";

const [many, few, connections] = [200, 5, 8];

/** The same question without permissions kept on the membership: through roles, each time. */
const joined = `organization_id in (
  select organization_members.organization_id
  from public.organization_members
  join public.role_permissions on role_permissions.role_id = organization_members.role_id
  where organization_members.user_id = (select auth.uid())
    and organization_members.status = 'active'
    and role_permissions.permission_key = 'agents.read'
)`;

interface Question {
  name: string;
  title: string;
  rows: number;
  query: (table: string) => string;
  /** The parameters of one query by a reader. */
  values: (reader: Reader, ids: number[]) => unknown[];
  /** Whether the other kinds of policy are asked, too. */
  hasPeers: boolean;
}

function entry({ name, title, rows, query, values, hasPeers }: Question): Entry {
  return {
    name,
    title: `${title}, by a user in ${many} organizations`,
    unit: "transactions/s",
    needsServer: true,
    async open(serverUrl) {
      const scratch = await openScratch(serverUrl);
      const people = await prepare(scratch, [many, few], { notes_joined: joined });
      const [inMany, inFew] = people as [Reader, Reader];
      const clients = await scratch.connect(connections);
      const idsOf = async ({ organizationId }: Reader) => {
        const { rows: own } = await scratch.admin.query<{ id: number }>(
          "select id from public.notes where organization_id = $1",
          [organizationId],
        );
        return own.map(({ id }) => id);
      };
      const ids = new Map([
        [inMany, await idsOf(inMany)],
        [inFew, await idsOf(inFew)],
      ]);
      const contender = (title: string, table: string, reader: Reader): Contender => ({
        name: title,
        measure: () =>
          transactions(
            clients,
            reader.userId,
            table,
            query(table),
            () => values(reader, ids.get(reader) ?? []),
            rows,
          ),
      });
      return {
        close: scratch.close,
        contenders: [
          contender("our policy", "notes", inMany),
          contender(`our policy, in ${few} organizations`, "notes", inFew),
          ...(hasPeers
            ? [
                contender("no RLS", "notes_open", inMany),
                contender("joins in the policy", "notes_joined", inMany),
                contender("function per row", "notes_per_row", inMany),
              ]
            : []),
        ],
      };
    },
  };
}

/** What permissions cost somebody who belongs to very many organizations. */
export const permissions: Entry[] = [
  entry({
    name: "permissions-page",
    title: "A page of 20",
    rows: 20,
    query: (table) =>
      `select id, title, created_at from public.${table}
      where organization_id = $1 order by created_at desc limit 20`,
    values: ({ organizationId }) => [organizationId],
    hasPeers: true,
  }),
  entry({
    name: "permissions-key",
    title: "One row by its key",
    rows: 1,
    query: (table) => `select id, title, created_at from public.${table} where id = $1`,
    values: (_, ids) => [ids[Math.floor(Math.random() * ids.length)]],
    hasPeers: true,
  }),
  entry({
    name: "permissions-count",
    title: "Counting all that one may read",
    rows: 1,
    query: (table) => `select count(*) from public.${table}`,
    values: () => [],
    hasPeers: true,
  }),
  entry({
    name: "permissions-helper",
    title: "What one may do where, alone",
    rows: 1,
    query: () => "select cardinality(private.organizations_with('agents.read'))",
    values: () => [],
    hasPeers: false,
  }),
];
