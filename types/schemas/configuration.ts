import { findPlainCredential } from "./configuration/find-plain-credential.ts";
import { jsonObject } from "./scalars.ts";

export { type DocumentPath, findPlainCredential } from "./configuration/find-plain-credential.ts";
export { configurationJsonSchema } from "./configuration/json-schema.ts";

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
