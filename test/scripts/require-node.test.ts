import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const onVersion = (version: string) =>
  spawnSync(
    process.execPath,
    [
      "-e",
      `Object.defineProperty(process.versions, "node", { value: "${version}" });
       require("./scripts/require-node.cjs");`,
    ],
    { encoding: "utf8" },
  );

describe("the check of Node's version", () => {
  it("refuses a Node that is too old with one line", () => {
    const { status, stderr } = onVersion("16.20.2");

    expect(status).toBe(1);
    expect(stderr).toBe("Node 16.20.2 is too old: Ensemble needs Node 20 or later.\n");
  });

  it("lets a newer one through", () => {
    const { status, stderr } = onVersion("24.1.0");

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
