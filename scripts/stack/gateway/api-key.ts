import { createHash, timingSafeEqual } from "node:crypto";
import type { Keys } from "../settings/keys.ts";

/** What the gateway thinks of a request's key. */
export type KeyVerdict = "publishable" | "secret" | "missing" | "invalid";

// As on Supabase, these are reached by a browser following a link, which has no key to show.
const open = [
  /^\/auth\/v1\/(verify|callback|authorize|health)$/,
  /^\/auth\/v1\/\.well-known\//,
  /^\/storage\/v1\/(object|render\/image)\/(public|sign)\//,
  /^\/storage\/v1\/object\/upload\/sign\//,
];

/** Whether the path is served without a key. */
export function isOpenPath(path: string): boolean {
  return open.some((pattern) => pattern.test(path));
}

/** Compares a key with the stack's two in constant time. */
export function judgeKey(key: string | null | undefined, keys: Keys): KeyVerdict {
  if (!key) return "missing";
  if (same(key, keys.publishableKey)) return "publishable";
  return same(key, keys.secretKey) ? "secret" : "invalid";
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
