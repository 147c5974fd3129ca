import { expect, it } from "vitest";
import { table } from "../../../scripts/demo/table.ts";

it("aligns columns, numbers to the right, and wraps long texts at word ends", () => {
  const text = table(
    [{ title: "Step" }, { title: "Result", width: 12 }, { title: "Cost", isNumber: true }],
    [
      ["1. Collect", "three things happened today", "$0.1"],
      ["Run", "completed", "$10.1"],
    ],
  );

  expect(text.split("\n")).toEqual([
    "Step        Result         Cost",
    "──────────  ────────────  ─────",
    "1. Collect  three things   $0.1",
    "            happened",
    "            today",
    "Run         completed     $10.1",
  ]);
});
