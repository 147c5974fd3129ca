/** How a stack is to be started. */
export interface StackOptions {
  /** The folder of the project (default: the working directory). */
  root?: string;
  /** The gateway's port; 0 takes a free one (default 54321). */
  port?: number;
  /** The port of the wire server; 0 takes a free one (default 54322). */
  dbPort?: number;
  /** The address that the API listens on (default 127.0.0.1); Postgres stays on loopback. */
  host?: string;
  /** Where data is kept (default `.data` in the project). */
  dataDir?: string;
  /** Where keys are kept; without it they are new at every start. */
  envFile?: string;
  /** Keep nothing. */
  memory?: boolean;
  /** A Postgres server instead of the in-process one, by a superuser's URL. */
  dbUrl?: string;
  /** Call the scheduler every few seconds (default true). */
  tick?: boolean;
  /** Further variables for the functions. */
  functionsEnv?: Record<string, string>;
  /** Hears what is being done, for a progress line. */
  onProgress?: (step: string) => void;
  /** Hears what the parts have to say while they run. */
  log?: (line: string) => void;
}

/** The default ports, those of `supabase start`. */
export const defaultPorts = { gateway: 54321, database: 54322 };
