import type { Check } from "./check.ts";

/** The advisors that Supabase's dashboard shows find nothing, at any level. */
export const advisors: Check = {
  name: "supabase db advisors: no findings",
  async run(workbench) {
    const { database, url } = await workbench.migrated();
    // Without it the advisors do not know what is exposed and report less.
    await database.exec(`
      do $$ begin
        execute format(
          'alter database %I set pgrst.db_schemas = %L', current_database(), 'public, agent_data'
        );
      end $$;
      set pgrst.db_schemas = 'public, agent_data';
    `);
    const answer = await workbench.command("supabase", [
      ...["db", "advisors", "--type", "all", "--level", "info", "--fail-on", "none"],
      ...["--output-format", "json", `--remote=${url}`],
    ]);
    const results = parseResults(answer.stdout);
    if (!results) return { problems: [`Cannot read the advisors' answer: ${answer.stderr}`] };
    return {
      problems: results
        // It counts scans since the database was made, and this one was made a moment ago.
        .filter(({ name }) => name !== "unused_index")
        .map(({ level, name, detail }) => `${level} ${name}: ${detail}`),
    };
  },
};

/** plpgsql_check finds nothing in any function. */
export const lint: Check = {
  name: "supabase db lint: no findings",
  async run(workbench) {
    if (!workbench.onServer)
      return { skipped: "the in-process Postgres has no plpgsql_check; use -- --db-url <url>" };
    const { database, url } = await workbench.migrated();
    const available = await database.query(
      "select from pg_available_extensions where name = 'plpgsql_check'",
    );
    if (available.length === 0) return { skipped: "this server has no plpgsql_check" };
    // The CLI looks for it on its own search_path; the other checks should not meet it there.
    await database.exec("create extension plpgsql_check with schema public");
    const answer = await workbench.command("supabase", [
      ...["db", "lint", "--level", "warning", "--fail-on", "none"],
      ...["--schema", "public,private,agent_data", "--output-format", "json", `--remote=${url}`],
    ]);
    await database.exec("drop extension plpgsql_check");
    const results = parseResults(answer.stdout);
    if (!results) return { problems: [`Cannot read the linter's answer: ${answer.stderr}`] };
    return { problems: results.flatMap(lintIssues) };
  },
};

function lintIssues(result: Record<string, unknown>): string[] {
  const issues = Array.isArray(result.issues) ? result.issues : [];
  return issues.map(({ level, message, detail, statement }) => {
    const at = statement?.lineNumber ? `:${statement.lineNumber}` : "";
    return [`${level} ${result.function}${at}: ${message}`, detail].filter(Boolean).join(" — ");
  });
}

function parseResults(output: string): Record<string, unknown>[] | undefined {
  try {
    const { results } = JSON.parse(output);
    return Array.isArray(results) ? results : undefined;
  } catch {
    return undefined;
  }
}
