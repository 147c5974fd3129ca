/**
 * What is used of `node:crypto`, typed by hand: Deno takes the types of a Node module from a package
 * that functions do not have.
 */
export declare function createHash(algorithm: "sha256"): Hash;

/** A hash that grows with what it is given. */
export interface Hash {
  update(chunk: Uint8Array): Hash;
  digest(encoding: "hex"): string;
}
