import type { EmbeddedDatabase } from "../database/open-embedded.ts";
import type { Tenant } from "../database/shared-session.ts";
import { copyInResponse, copyKind, withoutCopyInResponse } from "./copy-in.ts";
import { errorResponse, readyForQuery, sync } from "./messages.ts";
import { readStartup, startPacket } from "./startup-packet.ts";
import { markStatement } from "./statement-names.ts";

type Send = (data: Uint8Array) => void;

/** What a client may send once it has started. */
const knownTypes = new Set(["start", "Q", "P", "B", "D", "E", "C", "S", "H", "F", "d", "c", "f"]);

/** How long a client may leave a transaction open and idle while others wait. */
const idleInTransactionMs = 30_000;

/**
 * One client of the wire server and its turns in the shared session.
 *
 * Its turn begins with a message and ends when Postgres is ready for the next query outside a
 * transaction; until then nobody else, be it the API or another client, gets a word in.
 */
export class WireClient {
  readonly #database: EmbeddedDatabase;
  readonly #tenant: Tenant = { settings: {} };
  readonly #mark: string;
  readonly #prepared = new Set<string>();
  #turns: Promise<void> = Promise.resolve();
  #release: (() => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #left = false;
  /** The command and the data of a copy that is under way. */
  #copy: Uint8Array[] | undefined;

  constructor(
    database: EmbeddedDatabase,
    id: number,
    /** Tells the client that it is thrown out, and hangs up. */
    readonly expel: (farewell: Buffer) => void,
  ) {
    this.#database = database;
    this.#mark = `client${id}_`;
  }

  /** Handles one message after the ones before it. */
  handle(message: Uint8Array, send: Send): Promise<void> {
    this.#turns = this.#turns.then(() => this.#speak(message, send));
    return this.#turns;
  }

  /** Ends an open transaction and forgets the client's statements. */
  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    clearTimeout(this.#idleTimer);
    await this.#turns.catch(() => undefined);
    if (!this.#release && this.#prepared.size === 0) return;

    const { pglite } = this.#database;
    this.#release ??= await this.#database.shared.take(this.#tenant);
    try {
      // An extended query may have been broken off before its Sync.
      await pglite.execProtocolRawStream(sync(), { onRawData: () => undefined });
      if (pglite.isInTransaction()) await pglite.exec("rollback");
      for (const name of this.#prepared) await pglite.exec(`deallocate "${name}"`).catch(() => {});
    } finally {
      this.#endTurn();
    }
  }

  async #speak(message: Uint8Array, send: Send): Promise<void> {
    const type = message[0] === 0 ? "start" : String.fromCharCode(message[0] ?? 0);
    if (this.#left || type === "X") return;
    // Anything else makes PGlite end a connection that it cannot end.
    if (!knownTypes.has(type))
      return this.expel(errorResponse("FATAL", "08P01", "unknown message"));
    clearTimeout(this.#idleTimer);
    if (type === "start") this.#rememberStartup(message);

    try {
      this.#release ??= await this.#database.shared.take(this.#tenant);
      if (this.#copy || copyKind(type, message) !== "none") {
        if (!(await this.#copyIn(type, message, send))) return this.#watchIdleness();
      } else {
        const marked = markStatement(type === "start" ? startPacket() : message, this.#mark);
        if (marked.prepared) this.#prepared.add(marked.prepared);
        await this.#database.pglite.execProtocolRawStream(marked.message, { onRawData: send });
      }
    } catch (error) {
      send(errorResponse("ERROR", "XX000", error instanceof Error ? error.message : String(error)));
      send(readyForQuery());
    }
    // Only these are answered with ReadyForQuery; in between a turn goes on.
    const settled = ["start", "Q", "S", "F", "c", "f"].includes(type);
    if (settled && !this.#database.pglite.isInTransaction()) this.#endTurn();
    else this.#watchIdleness();
  }

  /** Collects a copy and hands it over whole. Answers whether it is at its end. */
  async #copyIn(type: string, message: Uint8Array, send: Send): Promise<boolean> {
    if (!this.#copy) {
      if (copyKind(type, message) === "unsupported") {
        send(
          errorResponse("ERROR", "0A000", "copy from stdin works here only as a query by itself"),
        );
        if (type === "Q") send(readyForQuery());
        return true;
      }
      this.#copy = [message];
      send(copyInResponse);
      return false;
    }
    // A client may ask for a flush or sync in between; both mean nothing here.
    if (type === "H" || type === "S") return false;
    this.#copy.push(message);
    if (type !== "c" && type !== "f") return false;

    const whole = new Uint8Array(Buffer.concat(this.#copy));
    this.#copy = undefined;
    const answer: Uint8Array[] = [];
    await this.#database.pglite.execProtocolRawStream(whole, {
      onRawData: (data) => answer.push(Uint8Array.from(data)),
    });
    send(withoutCopyInResponse(Buffer.concat(answer)));
    return true;
  }

  #rememberStartup(message: Uint8Array): void {
    const { user, settings } = readStartup(message);
    this.#tenant.settings = {
      ...settings,
      ...(user === "postgres" ? {} : { session_authorization: user }),
    };
  }

  #endTurn(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #watchIdleness(): void {
    if (!this.#release) return;
    this.#idleTimer = setTimeout(() => {
      if (!this.#database.shared.contended) return this.#watchIdleness();
      this.expel(
        errorResponse(
          "FATAL",
          "25P03",
          "terminating connection: its transaction was idle while others waited for the only session",
        ),
      );
      void this.leave();
    }, idleInTransactionMs).unref();
  }
}
