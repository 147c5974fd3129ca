import { findPlainCredential } from "./configuration/find-plain-credential.ts";
import { credentialRules } from "./configuration/rules.ts";
import { jsonObject } from "./scalars.ts";

export { type DocumentPath, findPlainCredential } from "./configuration/find-plain-credential.ts";
export { configurationJsonSchema } from "./configuration/json-schema.ts";

/** Matches credentials of a known shape anywhere in a text, for taking them out of it. */
export const credentialShape: string = credentialRules.shape;

/**
 * A configuration: any JSON object without plain credentials. One belongs into a secret of the
 * organization, and its name here: `{ "api_key_ref": "<name or id>" }`.
 */
export const configuration = jsonObject.superRefine((document, context) => {
  const path = findPlainCredential(document);
  if (path) {
    context.addIssue({
      code: "custom",
      path,
      message: "A plain credential: keep it as a secret, and name that under <key>_ref",
    });
  }
});
