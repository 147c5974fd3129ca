/**
 * What a plain credential looks like, as regular expressions that JavaScript, JSON Schema and
 * PostgreSQL read alike. The database holds the same texts (private.credential_pattern) and is the
 * one that decides; a test holds the two together.
 *
 * Names are matched in snake_case (see `isNamedLike`), values marked so without case.
 */

/** Owners of keys, whose name before "key" says that it is one: openai_key. */
const VENDORS =
  "openai|anthropic|mistral|gemini|groq|cohere|deepl|stripe|sendgrid|mailgun|resend|postmark" +
  "|twilio|supabase|pinecone|azure|aws|github|gitlab|slack|telegram|google|algolia|airtable|notion";

/** Tokens by the prefixes that their issuers give them. */
const ISSUED = [
  "sk-(proj|ant|or|svcacct|admin|live|test)-[A-Za-z0-9_-]{8,}",
  "sk-(?=[A-Za-z]*[0-9])[A-Za-z0-9]{12,}",
  "[sr]k_(live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/]{16,}",
  "gh[pousr]_[A-Za-z0-9]{10,}|github_pat_[A-Za-z0-9_]{10,}",
  "gl(pat|rt|cbt|dt|ptt|ft|soat)-[A-Za-z0-9_-]{10,}",
  "(xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}",
  "(AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])",
  "AIza[0-9A-Za-z_-]{30,}|(ya29\\.|GOCSPX-|1//0)[0-9A-Za-z_-]{20,}",
  "(sb_secret_|sbp_)[A-Za-z0-9_-]{8,}",
  "eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}",
  "SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}|hvs\\.[A-Za-z0-9_-]{20,}",
  "(npm|hf|gsk|r8|lin_api|ntn|dop_v1)_[A-Za-z0-9]{20,}|(pcsk|dckr_pat|glsa)_[A-Za-z0-9_-]{20,}",
  "(xai|pplx|nvapi|tvly|xkeysib|PMAK)-[A-Za-z0-9_-]{20,}",
  "shp(at|ca|pa|ss)_[A-Fa-f0-9]{20,}",
  "(SK|key-|dapi)[0-9a-f]{32}(?![0-9A-Za-z])",
  "[0-9]{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",
];

export const credentialRules = {
  /** Whatever text stands under such a name is a credential. */
  strongName:
    "((api|access|private|secret|signing|encryption|decryption|subscription)_?keys?" +
    `|(^|_)(master|account|service|service_?role|shared|auth|admin|hmac|${VENDORS})_?keys?` +
    "|secret|passwords?|passwd|passphrase|credentials?|(^|_)(pwd|passcode|bearer|mnemonic)" +
    "|seed_?phrase|^(x_|proxy_?)?authorization|^token" +
    "|(access|refresh|auth|api|bearer|bot|session|security|oauth|personal|private)_?tokens?" +
    "|(^|_)(id|app|secret|service|user|webhook|deploy)_?tokens?" +
    "|(smtp|imap|mail|email|db|database|redis|mysql|postgres|ftp|ssh|admin|root|user|auth)_?pass)$",
  /** A text under such a name is a credential when it also looks like one. */
  weakName: "_token$",
  /** Such a name speaks about credentials, or about tokens of another kind. */
  harmlessName:
    "^((show|hide|has|is|use|uses|allow|require|requires|required|enable|disable|ask|prompt|needs" +
    "|forgot|reset|change|no|with|without|include|mask|max|min|num|page|next|previous|prev" +
    "|continuation|sync|stop|start|end|pad|eos|bos|unk|sep|cls|special|cancellation)_" +
    "|.*(client|request|action|purchase|idempotency)_?tokens?$)",
  /** The end of the name of a reference to a secret. */
  referenceName: "_ref$",
  /** What may stand as a reference: a name or an id. */
  reference: "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
  /** Texts that are no credential under any name; without case. */
  harmlessValue:
    "^\\s*$|^(string|text|varchar|null|none|undefined|basic|bearer|digest|oauth2?|jwt|hmac" +
    "|api[_-]?key|required|optional|include|same-origin|omit)$" +
    "|^((bearer|basic|token)\\s+)?(\\$\\{[A-Za-z0-9_. -]+\\}|\\{\\{[A-Za-z0-9_. -]+\\}\\}" +
    "|<[A-Za-z _-]+>|\\[redacted\\]|\\*+)$" +
    "|^arn:aws[A-Za-z-]*:[A-Za-z0-9:/_.-]+$|^(~|\\.{1,2})?(/[A-Za-z0-9_.-]+){2,}$",
  /** Looks like a credential: one long word with a digit in it. */
  weakValue: "^(?=[^0-9]*[0-9])[^\\s<>()|{}\\[\\]]{12,}$",
  /** A credential wherever it stands, names included. */
  shape:
    `(?<![A-Za-z0-9_-])(${ISSUED.join("|")})` +
    "|-----BEGIN [A-Z0-9 ]*PRIVATE KEY" +
    "|https://hooks\\.slack\\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{8,}" +
    "|https://discord(app)?\\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]{8,}" +
    "|[Bb]earer\\s+(?=[A-Za-z._~+/-]*[0-9])[A-Za-z0-9._~+/-]{16,}" +
    "|[Bb]asic\\s+(?=[A-Za-z/+]*[0-9=])(?=[a-z0-9/+]*[A-Z])[A-Za-z0-9+/]{16,}" +
    // An address with a password in it, unless that is left to be filled in.
    "|[A-Za-z][A-Za-z0-9+.-]*://[^/\\s:@?#]*:(?![$<{\\[*%])[^/\\s@?#]+@" +
    "|[?&](api[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret|password|secret" +
    "|token|sig)=(?![$<{\\[*%:])[^&\\s#]{8,}",
  /** A connection string holds a password where both of these are found; without case. */
  connectionPlace:
    "(^|[;\\s])(server|host|data source|endpoint|accountname|user id|uid|dbname)\\s*=",
  connectionPassword:
    "(^|[;\\s])(password|passwd|pwd|accountkey|sharedaccesskey)\\s*=\\s*[^\\s;&:$<{\\[?%*'\"]",
} as const;

/**
 * Whether a name matches a pattern, in snake_case or, for APIKey and DBpass, without regard to
 * capitals. Prose is no name.
 */
export function isNamedLike(name: string, pattern: RegExp): boolean {
  if (!/^[A-Za-z0-9_.$@:/-]{1,100}$/.test(name)) {
    return false;
  }
  const plain = name.replace(/[_.$@:/-]+/g, "_");
  const split = plain
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2");
  return pattern.test(plain.toLowerCase()) || pattern.test(split.toLowerCase());
}
