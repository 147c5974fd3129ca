type Bytes = readonly number[];

/** IPv4 blocks that are not the public internet (IANA special-purpose registry, RFC 6890). */
const closedV4: readonly (readonly [Bytes, number])[] = [
  [[0, 0, 0, 0], 8],
  [[10, 0, 0, 0], 8],
  [[100, 64, 0, 0], 10],
  [[127, 0, 0, 0], 8],
  [[169, 254, 0, 0], 16],
  [[172, 16, 0, 0], 12],
  [[192, 0, 0, 0], 24],
  [[192, 0, 2, 0], 24],
  [[192, 88, 99, 0], 24],
  [[192, 168, 0, 0], 16],
  [[198, 18, 0, 0], 15],
  [[198, 51, 100, 0], 24],
  [[203, 0, 113, 0], 24],
  [[224, 0, 0, 0], 3],
];

/**
 * Whether an address literal belongs to the public internet. Only global unicast IPv6 (2000::/3)
 * can, without documentation and tunnel prefixes; addresses that carry an IPv4 one (mapped, NAT64,
 * 6to4) are judged by it.
 */
export function isPublicAddress(address: string): boolean {
  const v4 = parseV4(address);
  if (v4) {
    return isPublicV4(v4);
  }
  const v6 = parseV6(address);
  if (!v6) {
    return false;
  }
  const starts = (...prefix: number[]) => prefix.every((byte, at) => v6[at] === byte);
  const zeros = (from: number, to: number) => v6.slice(from, to).every((byte) => byte === 0);

  if (zeros(0, 10) && v6[10] === 0xff && v6[11] === 0xff) {
    return isPublicV4(v6.slice(12));
  }
  if (starts(0x00, 0x64, 0xff, 0x9b) && zeros(4, 12)) {
    return isPublicV4(v6.slice(12));
  }
  if (starts(0x20, 0x02)) {
    return isPublicV4(v6.slice(2, 6));
  }
  const isGlobalUnicast = ((v6[0] ?? 0) & 0xe0) === 0x20;
  const isTeredoOrBenchmark = starts(0x20, 0x01, 0x00) && (v6[3] === 0x00 || v6[3] === 0x02);
  const isOrchid = starts(0x20, 0x01, 0x00) && ((v6[3] ?? 0) & 0xe0) === 0x20;
  const isDocumentation = starts(0x20, 0x01, 0x0d, 0xb8) || starts(0x3f, 0xff);
  return isGlobalUnicast && !isTeredoOrBenchmark && !isOrchid && !isDocumentation;
}

/** Whether an address literal means this machine. */
export function isLoopbackAddress(address: string): boolean {
  const v4 = parseV4(address);
  if (v4) {
    return v4[0] === 127;
  }
  const v6 = parseV6(address);
  return v6?.slice(0, 15).every((byte) => byte === 0) === true && v6[15] === 1;
}

/** Whether a host is written as an address rather than a name. */
export function isAddress(host: string): boolean {
  return parseV4(host) !== null || parseV6(host) !== null;
}

function isPublicV4(bytes: Bytes): boolean {
  const number = toNumber(bytes);
  return !closedV4.some(([prefix, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(number / size) === Math.floor(toNumber(prefix) / size);
  });
}

function toNumber(bytes: Bytes): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

function parseV4(text: string): Bytes | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  return parts?.every((part) => part <= 255) ? parts : null;
}

function parseV6(text: string): Bytes | null {
  const bare = text.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (!/^[0-9a-f:.]+$/i.test(bare) || !bare.includes(":")) {
    return null;
  }
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  const v4 = dotted ? parseV4(dotted[2] ?? "") : null;
  if (dotted && !v4) {
    return null;
  }
  const text6 = v4 ? `${dotted?.[1]}${hexPair(v4, 0)}:${hexPair(v4, 2)}` : bare;
  const halves = text6.split("::");
  if (halves.length > 2) {
    return null;
  }
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const head = groups[0] ?? [];
  const tail = groups[1] ?? [];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) {
    return null;
  }
  const all = [...head, ...Array<string>(halves.length === 1 ? 0 : missing).fill("0"), ...tail];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) {
    return null;
  }
  return all.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function hexPair(bytes: Bytes, at: number): string {
  return (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16);
}
