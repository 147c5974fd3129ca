/** What a client asks for in its first packet. */
export interface Startup {
  user: string;
  /** Settings given as parameters or in `options` as `-c name=value`. */
  settings: Record<string, string>;
}

const codes = { ssl: 80877103, gss: 80877104, cancel: 80877102, version3: 196608 };

/** Which kind of packet opens the conversation. */
export function packetKind(packet: Buffer): "encrypt" | "cancel" | "start" | "unknown" {
  const code = packet.length >= 8 ? packet.readInt32BE(4) : 0;
  if (code === codes.ssl || code === codes.gss) return "encrypt";
  if (code === codes.cancel) return "cancel";
  return code === codes.version3 ? "start" : "unknown";
}

/** Reads the parameters of a start packet. */
export function readStartup(packet: Uint8Array): Startup {
  const words = Buffer.from(packet.subarray(8)).toString("utf8").split("\0");
  const parameters: Record<string, string> = {};
  for (let at = 0; words[at]; at += 2) parameters[words[at] ?? ""] = words[at + 1] ?? "";

  const { user = "postgres", database: _, options = "", replication: __, ...settings } = parameters;
  for (const [, name, value] of options.matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|\S)*)/g)) {
    settings[name ?? ""] = (value ?? "").replace(/\\(.)/g, "$1");
  }
  return { user, settings };
}

/** A start packet for the only user and database that an in-process Postgres knows. */
export function startPacket(): Uint8Array {
  const body = Buffer.from("user\0postgres\0database\0postgres\0\0");
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length, 0);
  head.writeInt32BE(codes.version3, 4);
  return new Uint8Array(Buffer.concat([head, body]));
}
