import { cpus, loadavg, totalmem } from "node:os";
import pg from "pg";

/** What the numbers were measured on, as a Markdown list. */
export async function machineFacts(serverUrl?: string): Promise<string> {
  const [cpu] = cpus();
  const facts = [
    `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `load before the start: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}`,
    `Node ${process.versions.node}`,
  ];
  if (serverUrl) {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    const { rows } = await client.query<{ fact: string }>(
      `select 'PostgreSQL ' || current_setting('server_version')
        || ', fsync ' || current_setting('fsync')
        || ', synchronous_commit ' || current_setting('synchronous_commit')
        || ', shared_buffers ' || current_setting('shared_buffers') as fact`,
    );
    await client.end();
    facts.push(...rows.map(({ fact }) => fact));
  }
  return facts.map((fact) => `- ${fact}`).join("\n");
}
