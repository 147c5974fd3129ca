import { sha256 } from "../sha256.ts";

/** What a state is looked up by: the hex of its SHA-256. The state itself is never stored. */
export function stateHash(state: string): Promise<string> {
  return sha256(state);
}
