import type { Check } from "./check.ts";
import { read } from "./files.ts";

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** Dependencies are pinned, the same for Node and Deno, and each has its reason in the README. */
export const dependencies: Check = {
  name: "dependencies are pinned, the same everywhere, and explained",
  async run() {
    const manifest: Manifest = JSON.parse(read("package.json"));
    const deno: { imports: Record<string, string> } = JSON.parse(read("functions/deno.json"));
    const all = { ...manifest.dependencies, ...manifest.devDependencies };
    return {
      problems: [
        ...unpinned(all),
        ...differing(manifest.dependencies, deno.imports),
        ...unlocked(JSON.parse(read("package-lock.json")).packages),
        ...unexplained(Object.keys(all), read("README.md")),
      ],
    };
  },
};

/** Versions that are not one exact version. */
export function unpinned(versions: Record<string, string>): string[] {
  return Object.entries(versions)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} is "${version}", not an exact version`);
}

/** Imports of functions/deno.json that are not the package of that name and version. */
export function differing(
  versions: Record<string, string>,
  imports: Record<string, string>,
): string[] {
  return Object.entries(imports).flatMap(([name, target]) => {
    const npm = /^npm:((?:@[^/@]+\/)?[^/@]+)@([^/]+)(?:\/.*)?$/.exec(target);
    if (!npm) return target.startsWith(".") ? [] : [`functions/deno.json: ${name} is "${target}"`];
    const expected = versions[npm[1] ?? ""];
    if (expected === npm[2]) return [];
    return [
      `functions/deno.json: ${name} is ${npm[2]}, package.json has ${expected ?? "none among its dependencies"}`,
    ];
  });
}

/** Optional packages, one for each platform, that the lock file leaves out: npm ci refuses it. */
export function unlocked(
  packages: Record<string, { optionalDependencies?: Record<string, string> }>,
): string[] {
  return Object.values(packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)))
    .map((name) => `package-lock.json: ${name} is missing`);
}

/** Dependencies without a row in the README's table. */
export function unexplained(names: string[], readme: string): string[] {
  return names
    .filter(
      (name) =>
        !readme.split("\n").some((line) => line.startsWith("|") && line.includes(`\`${name}\``)),
    )
    .map((name) => `README.md: no table row explains \`${name}\``);
}
