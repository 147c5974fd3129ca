/**
 * Clients of the wire server share one session and with it the names of prepared statements, yet
 * each counts its own from one. So a statement gets its client's mark in front of its name.
 *
 * Answers the message as it is to be sent, and the full name when it prepares a statement.
 */
export function markStatement(
  message: Uint8Array,
  mark: string,
): { message: Uint8Array; prepared?: string } {
  const at = nameOffset(message);
  if (at === undefined) return { message };
  const end = message.indexOf(0, at);
  // The unnamed statement is gone with the next one anyway.
  if (end <= at) return { message };

  const prefix = Buffer.from(mark);
  const marked = Buffer.concat([message.subarray(0, at), prefix, message.subarray(at)]);
  marked.writeInt32BE(marked.length - 1, 1);
  const isParse = String.fromCharCode(marked[0] ?? 0) === "P";
  const name = marked.toString("utf8", at, end + prefix.length);
  return { message: new Uint8Array(marked), ...(isParse ? { prepared: name } : {}) };
}

/** Where the statement's name begins in Parse, Bind, and in Describe and Close of a statement. */
function nameOffset(message: Uint8Array): number | undefined {
  switch (String.fromCharCode(message[0] ?? 0)) {
    case "P":
      return 5;
    case "B": {
      const portalEnd = message.indexOf(0, 5);
      return portalEnd < 0 ? undefined : portalEnd + 1;
    }
    case "D":
    case "C":
      return message[5] === "S".charCodeAt(0) ? 6 : undefined;
    default:
      return undefined;
  }
}
