import { plainLine } from "../mail/plain-line.ts";
import { redact } from "../redact.ts";
import { ProviderError, type ProviderErrorCode } from "./provider-error.ts";

/** One of a GraphQL answer's `errors`. */
export interface LinearFault {
  message: string;
  extensions?:
    | {
        code?: string | undefined;
        type?: string | undefined;
        userPresentableMessage?: string | undefined;
      }
    | undefined;
}

const kinds: [words: RegExp, kind: ProviderErrorCode, hint: string][] = [
  [/rate_?limited/i, "provider_rate_limited", "Try again in some minutes."],
  [/authentication/i, "provider_unauthorized", "Ask its owner to connect Linear again."],
  [
    /forbidden|feature ?not ?accessible|scope/i,
    "provider_forbidden",
    "The connected account may not do this, or the connection lacks a scope; ask its owner.",
  ],
  [/not found/i, "provider_not_found", "Check the identifier: list first."],
  [
    /internal|bootstrap|network|lock ?timeout/i,
    "provider_unavailable",
    "Try again later; a write may have happened all the same.",
  ],
];

const otherwise: (typeof kinds)[number] = [/^/, "provider_invalid_input", "Correct the input."];

/** An error of Linear's GraphQL, by its code or type and, where it has none, its words. */
export function linearError(fault: LinearFault | undefined): ProviderError {
  const { code = "", type = "", userPresentableMessage = "" } = fault?.extensions ?? {};
  const message = userPresentableMessage || fault?.message || "";
  const found =
    kinds.find(([words]) => words.test(`${code} ${type}`)) ??
    kinds.find(([words]) => words.test(fault?.message ?? ""));
  const [, kind, hint] = found ?? otherwise;
  const said = plainLine(redact(message), 300);
  return new ProviderError(kind, `Linear refuses this${said ? `: "${said}"` : ""}.`, { hint });
}
