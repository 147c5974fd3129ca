import { existsSync } from "node:fs";
import type { Check } from "./check.ts";
import { ROOT, read } from "./files.ts";
import { generateTypes } from "./generate-types.ts";

/** types/database.ts says what the migrations make. */
export const typesAreFresh: Check = {
  name: "types/database.ts is fresh",
  async run(workbench) {
    if (!existsSync(`${ROOT}types/database.ts`))
      return { problems: ["types/database.ts is missing: run npm run types"] };
    const fresh = await generateTypes(workbench);
    if (fresh === read("types/database.ts")) return { problems: [] };
    return { problems: ["types/database.ts differs from the migrations: run npm run types"] };
  },
};
