import { z } from "zod";
import { ProviderError } from "./provider-error.ts";

/** Where Microsoft Graph says that a list goes on: an address, of which only this is kept. */
const PAGE_PARAMETERS = ["$skiptoken", "$skip"];

/** The input by which a model reads a list on. */
export const graphPageInput = z
  .string()
  .min(1)
  .max(4_000)
  .optional()
  .describe("Where to read on, with the same input, as next_page_token said.");

/** The page token of a list's `@odata.nextLink`; null at the end. */
export function graphPageToken(nextLink: string | undefined): string | null {
  if (!nextLink || !URL.canParse(nextLink)) {
    return null;
  }
  const { searchParams } = new URL(nextLink);
  const name = PAGE_PARAMETERS.find((each) => searchParams.has(each));
  return name ? `${name.slice(1)}:${searchParams.get(name)}` : null;
}

/** The query parameter that a page token stands for. */
export function graphPageQuery(token: string | undefined): Record<string, string> {
  if (token === undefined) {
    return {};
  }
  const [, name, value] = /^(skiptoken|skip):(.+)$/s.exec(token) ?? [];
  if (!name || !value) {
    throw new ProviderError("provider_invalid_input", "The page token is none of Microsoft's.", {
      hint: "Give next_page_token exactly as the answer before said it, or leave it out.",
    });
  }
  return { [`$${name}`]: value };
}
