/** One assertion of a TAP stream, with the diagnostics that follow it. */
export interface Assertion {
  number: number;
  passed: boolean;
  skipped: boolean;
  description: string;
  diagnostics: string;
}

/** What a TAP stream says: its plan (if any), its assertions, and whether it gave up. */
export interface TapResult {
  planned: number | undefined;
  skippedAll: boolean;
  assertions: Assertion[];
  bailedOut: string | undefined;
}

const ASSERTION = /^(not )?ok (\d+)(?: -)? ?(.*)$/;

/** Reads TAP 12, as pgTAP writes it. A failure stays one, whatever directive excuses it. */
export function parseTap(lines: Iterable<string>): TapResult {
  const result: TapResult = {
    planned: undefined,
    skippedAll: false,
    assertions: [],
    bailedOut: undefined,
  };
  for (const line of lines) {
    const plan = /^1\.\.(\d+)(.*)$/.exec(line);
    if (plan) {
      result.planned = Number(plan[1]);
      result.skippedAll = result.planned === 0 && /skip/i.test(plan[2] ?? "");
      continue;
    }
    const assertion = ASSERTION.exec(line);
    if (assertion) {
      const [description = "", directive = ""] = (assertion[3] ?? "").split(/ # (?=SKIP)/i);
      result.assertions.push({
        number: Number(assertion[2]),
        passed: !assertion[1],
        skipped: /^SKIP/i.test(directive),
        description: description || `assertion ${assertion[2]}`,
        diagnostics: "",
      });
      continue;
    }
    const last = result.assertions.at(-1);
    if (line.startsWith("Bail out!")) result.bailedOut = line;
    else if (line.startsWith("#") && last) last.diagnostics += `${line}\n`;
  }
  return result;
}

/** Why the stream as a whole fails although its assertions may have passed; undefined when it holds. */
export function planProblem(result: TapResult): string | undefined {
  const ran = result.assertions.length;
  if (result.bailedOut) return result.bailedOut;
  if (result.skippedAll) return undefined;
  if (result.planned === undefined) return "No plan: call plan(n), or no_plan() and finish()";
  if (result.planned !== ran) return `Planned ${result.planned} assertions but ran ${ran}`;
  if (ran === 0) return "Ran no assertion";
  return undefined;
}
