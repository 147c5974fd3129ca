/** One way of doing the work that an entry measures. */
export interface Contender {
  name: string;
  /** Does the work once and returns the measured value, in the unit of its entry. */
  measure(): Promise<number>;
}

/** A benchmark: ours first, then whom it is compared with. */
export interface Entry {
  name: string;
  title: string;
  unit: string;
  /** Whether it needs --db-url. */
  needsServer: boolean;
  /** False where the contenders are different things and not rivals. */
  hasRatios?: boolean;
  /** The ratio of ours to a contender that we aim for. */
  goals?: Record<string, number>;
  /** Prepares everything on the server and gives the contenders, ours first. */
  open(serverUrl: string): Promise<{ contenders: Contender[]; close(): Promise<void> }>;
}
