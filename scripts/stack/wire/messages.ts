/** An ErrorResponse with the fields that every client shows. */
export function errorResponse(severity: "ERROR" | "FATAL", code: string, message: string): Buffer {
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${message}\0\0`);
  return framed("E", fields);
}

/** ReadyForQuery, outside a transaction. */
export function readyForQuery(): Buffer {
  return framed("Z", Buffer.from("I"));
}

/** Sync ends an extended query, whatever became of it. */
export function sync(): Uint8Array {
  return new Uint8Array(framed("S", Buffer.alloc(0)));
}

function framed(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
