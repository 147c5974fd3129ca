import { z } from "zod";
import type { McpManifestTool } from "../../../types/schemas.ts";
import { quoted } from "./mcp-failure.ts";
import { openaiName } from "./openai-name.ts";
import { openaiParameters, UnusableSchema } from "./openai-parameters.ts";
import { visibleText } from "./visible-text.ts";

/** What a server offers, read: the tools that can be used, and why others cannot. */
export interface McpManifest {
  tools: McpManifestTool[];
  leftOut: { name: string; reason: string }[];
}

const offeredTool = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.unknown().optional(),
});

const MOST_NAME_CHARACTERS = 128;
const MOST_DESCRIPTION_BYTES = 4_096;
const MOST_SCHEMA_BYTES = 32_768;

/** Reads the tools of a server one by one: a broken one does not cost the others. */
export async function readManifest(
  connectionName: string,
  offered: readonly unknown[],
): Promise<McpManifest> {
  const manifest: McpManifest = { tools: [], leftOut: [] };
  const seen = new Set<string>();

  for (const [place, document] of offered.entries()) {
    const parsed = offeredTool.safeParse(document);
    const name = parsed.success ? parsed.data.name : `number ${place + 1}`;
    const reason = parsed.success ? faultOf(parsed.data, seen) : "it is no tool";
    if (parsed.success && reason === null) {
      seen.add(name);
      try {
        manifest.tools.push(await toTool(connectionName, parsed.data));
        continue;
      } catch (error) {
        if (!(error instanceof UnusableSchema)) {
          throw error;
        }
        manifest.leftOut.push({ name: quoted(name), reason: error.message });
        continue;
      }
    }
    manifest.leftOut.push({ name: quoted(name).slice(0, 64), reason: reason ?? "it is no tool" });
  }
  return manifest;
}

/** A sentence about what was left out; null when nothing was. */
export function noteOf({ leftOut }: McpManifest): string | null {
  if (leftOut.length === 0) {
    return null;
  }
  const named = leftOut.slice(0, 10).map(({ name, reason }) => `${name} (${reason})`);
  const more = leftOut.length > 10 ? ` and ${leftOut.length - 10} more` : "";
  return `Tools that were left out: ${named.join("; ")}${more}.`.slice(0, 1000);
}

function faultOf(tool: z.output<typeof offeredTool>, seen: Set<string>): string | null {
  const { name, description = "", inputSchema } = tool;
  const whole = JSON.stringify(tool);
  if (name === "" || name.length > MOST_NAME_CHARACTERS || visibleText(name) !== name) {
    return "its name is not one of 1 to 128 visible characters";
  }
  if (seen.has(name)) {
    return "another has its name";
  }
  if (bytesOf(description) > MOST_DESCRIPTION_BYTES) {
    return "its description is longer than 4 kB";
  }
  if (bytesOf(JSON.stringify(inputSchema ?? {})) > MOST_SCHEMA_BYTES) {
    return "its schema is larger than 32 kB";
  }
  if (/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/i.test(whole)) {
    return "it has characters that are none";
  }
  return null;
}

async function toTool(
  connectionName: string,
  { name, title, description, inputSchema }: z.output<typeof offeredTool>,
): Promise<McpManifestTool> {
  const words = description ?? title ?? "";
  const schema = inputSchema ?? { type: "object" };
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw new UnusableSchema("its schema is no object");
  }
  return {
    name,
    description: words.slice(0, MOST_DESCRIPTION_BYTES),
    schema: schema as Record<string, unknown>,
    openai: {
      type: "function",
      function: {
        name: await openaiName(connectionName, name),
        description: visibleText(words),
        parameters: openaiParameters(schema),
      },
    },
  };
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
