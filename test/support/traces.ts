import pg from "pg";

/**
 * Looks everywhere: the tables of every schema in which a text occurs in any column of any row, as
 * `schema.table (rows)`, and relations that are named after it, ids without hyphens included.
 */
export async function tracesOf(databaseUrl: string, needle: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, ssl: false });
  await client.connect();
  try {
    const bare = needle.replaceAll("-", "");
    const tables = await client.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
      where relkind in ('r', 'm') and relpersistence <> 't'
        and relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'`,
    );
    const named = await client.query<{ name: string }>(
      "select oid::regclass::text as name from pg_class where strpos(relname, $1) > 0",
      [bare],
    );
    const traces = named.rows.map(({ name }) => name);
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::integer as count from ${name} as t
        where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0`,
        [needle, bare],
      );
      if (rows[0]?.count) traces.push(`${name} (${rows[0].count})`);
    }
    return traces.sort();
  } finally {
    await client.end();
  }
}
