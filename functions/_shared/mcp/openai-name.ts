import { sha256 } from "../sha256.ts";

/** Longest name that models take. */
const MOST_CHARACTERS = 64;

/**
 * What models call a tool: `<connection>__<tool>`, of the characters they take. Where that says
 * less than the two names did, a fingerprint of both follows, so that no two tools of an agent are
 * called the same, whatever else it is connected to.
 */
export async function openaiName(connectionName: string, toolName: string): Promise<string> {
  const connection = plain(connectionName);
  const tool = plain(toolName);
  const name = `${connection}__${tool}`;
  const isFaithful =
    connection === connectionName &&
    tool === toolName &&
    !/__|^_|_$/.test(connection) &&
    !/__|^_/.test(tool) &&
    name.length <= MOST_CHARACTERS;
  if (isFaithful) {
    return name;
  }
  const mark = `_${(await sha256(`${connectionName}\0${toolName}`)).slice(0, 10)}`;
  return name.slice(0, MOST_CHARACTERS - mark.length) + mark;
}

function plain(text: string): string {
  return (
    text
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .replace(/[^a-zA-Z0-9_-]+/g, "_")
      // A connection of a hundred letters leaves room for its tools.
      .slice(0, MOST_CHARACTERS) || "_"
  );
}
