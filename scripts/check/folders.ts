import { existsSync, readdirSync } from "node:fs";
import type { Check } from "./check.ts";
import { ROOT, read } from "./files.ts";

/** Function folders and the sections of supabase/config.toml say the same; every migration can be undone. */
export const folders: Check = {
  name: "the configuration matches the folders",
  async run() {
    return {
      problems: [
        ...undeclared(functionFolders(), declaredFunctions(read("supabase/config.toml"))),
        ...unpaired(sqlFiles("supabase/migrations"), sqlFiles("supabase/rollbacks")),
      ],
    };
  },
};

/** Functions declared in a config.toml, with their entrypoints. */
export function declaredFunctions(toml: string): Map<string, string | undefined> {
  const declared = new Map<string, string | undefined>();
  let current: string | undefined;
  for (const line of toml.split("\n")) {
    const section = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim();
    if (section) {
      current = /^functions\.("?)([\w-]+)\1$/.exec(section)?.[2];
      if (current) declared.set(current, undefined);
    }
    const entrypoint = /^\s*entrypoint\s*=\s*"([^"]*)"/.exec(line)?.[1];
    if (current && entrypoint) declared.set(current, entrypoint);
  }
  return declared;
}

/** Where folders of functions/ and declarations differ. */
export function undeclared(
  names: string[],
  declared: ReadonlyMap<string, string | undefined>,
): string[] {
  const problems: string[] = [];
  for (const name of names) {
    const expected = `../functions/${name}/index.ts`;
    if (!declared.has(name)) problems.push(`supabase/config.toml: no [functions.${name}]`);
    else if (declared.get(name) !== expected)
      problems.push(`supabase/config.toml: [functions.${name}] needs entrypoint = "${expected}"`);
  }
  for (const name of declared.keys())
    if (!names.includes(name)) problems.push(`functions/${name}: declared, but no such folder`);
  return problems;
}

/** Migrations without a rollback, rollbacks without a migration. */
export function unpaired(migrations: string[], rollbacks: string[]): string[] {
  return [
    ...migrations
      .filter((name) => !rollbacks.includes(name))
      .map((name) => `supabase/rollbacks/${name} is missing`),
    ...rollbacks
      .filter((name) => !migrations.includes(name))
      .map((name) => `supabase/rollbacks/${name} undoes no migration`),
  ];
}

function functionFolders(): string[] {
  return readdirSync(`${ROOT}functions`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^[_.]|^node_modules$/.test(entry.name))
    .filter((entry) => existsSync(`${ROOT}functions/${entry.name}/index.ts`))
    .map((entry) => entry.name);
}

function sqlFiles(folder: string): string[] {
  return readdirSync(ROOT + folder).filter((name) => name.endsWith(".sql"));
}
