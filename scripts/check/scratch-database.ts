import { randomBytes } from "node:crypto";
import { connect } from "../stack/database/index.ts";

/** A database made for one purpose, and the way to be rid of it. */
export interface ScratchDatabase {
  name: string;
  url: string;
  drop(): Promise<void>;
}

/** Makes an empty database on a server. The URL must be a superuser's. */
export async function createScratchDatabase(
  serverUrl: string,
  purpose: string,
): Promise<ScratchDatabase> {
  const name = `ensemble_${purpose}_${randomBytes(4).toString("hex")}`;
  await onServer(serverUrl, `create database ${name}`);
  return {
    name,
    url: databaseUrl(serverUrl, name),
    drop: () => onServer(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

/** The URL of another database of the same server. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  // On the loopback nobody offers TLS, and the CLI warns of it between its answers.
  if (/^(127\.|localhost$|\[::1\]$)/.test(url.hostname) && !url.searchParams.has("sslmode"))
    url.searchParams.set("sslmode", "disable");
  return url.href;
}

/** Runs one statement on a server and lets go of it. */
export async function onServer(serverUrl: string, sql: string): Promise<void> {
  const server = await connect(serverUrl, { maxSessions: 1 });
  try {
    await server.exec(sql);
  } finally {
    await server.close();
  }
}
