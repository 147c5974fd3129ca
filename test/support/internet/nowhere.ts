import type { OpenConnection } from "../../../functions/_shared/guard/connection.ts";

/** A way out for tests that must not need one. */
export const nowhere: OpenConnection = ({ address, port }) =>
  Promise.reject(new Error(`No test connects to ${address}:${port}`));
