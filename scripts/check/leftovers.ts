import type { Check } from "./check.ts";
import { projectFiles, read } from "./files.ts";

interface Rule {
  pattern: RegExp;
  where: RegExp;
  says: string;
}

// Written in pieces, so that this file does not report itself.
const RULES: Rule[] = [
  {
    pattern: new RegExp(
      `\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`,
    ),
    where: /\.(ts|sql|toml|yml|json|sh|md)$|^\.ci\/run$/,
    says: "something left to do",
  },
  {
    pattern: /\b(describe|it|test)\.only\(/,
    where: /^test\/.*\.ts$/,
    says: "a test that silences the others",
  },
  {
    pattern: /\bconsole\.(log|debug|trace|dir)\(|\bdebugger\b/,
    where: /^(functions|types)\/.*\.ts$/,
    says: "a console leftover",
  },
  {
    pattern: /@ts-(ignore|nocheck)|\bas any\b/,
    where: /^(functions|types|scripts)\/.*\.ts$/,
    says: "a hole in the types",
  },
  {
    pattern: /(^|[\s"'`(=])\/(work|home|root|Users)\/\w/,
    where: /\.(ts|sql|toml|yml|json|sh|md)$|^\.ci\/run$/,
    says: "a path of one machine",
  },
  {
    pattern: /^(<{7}|={7}|>{7})( |$)/,
    where: /./,
    says: "a merge conflict",
  },
];

/** What may lie in a working copy but not in the project. */
export const leftovers: Check = {
  name: "nothing is left over",
  async run() {
    const paths = projectFiles().filter(
      (path) => !/(^types\/database\.ts|package-lock\.json|\.(png|ico|gz))$/.test(path),
    );
    return { problems: paths.flatMap((path) => leftoversIn(path, read(path))) };
  },
};

/** The leftovers in one file's text, as `path:line: reason`. */
export function leftoversIn(path: string, text: string): string[] {
  const rules = RULES.filter((rule) => rule.where.test(path));
  return text
    .split("\n")
    .flatMap((line, index) =>
      rules
        .filter((rule) => rule.pattern.test(line))
        .map((rule) => `${path}:${index + 1}: ${rule.says}: ${line.trim().slice(0, 80)}`),
    );
}
