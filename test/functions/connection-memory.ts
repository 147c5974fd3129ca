import { createHash } from "node:crypto";
import { type Provider, providerMetadata } from "../../functions/_shared/connections/provider.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { outboundFetch } from "../../functions/_shared/guard/guarded-fetch.ts";
import type { OutboundNetwork } from "../../functions/_shared/guard/outbound-network.ts";
import type { Log } from "../../functions/_shared/log.ts";
import { nodeConnect } from "../support/internet/node-connect.ts";
import { clientId, clientSecret, type OAuthServer } from "../support/oauth/index.ts";
import { organizationId, userId } from "./samples.ts";

type Args = Record<string, unknown>;

/** A connection as the memory keeps it. */
export interface KeptConnection {
  id: string;
  user_id: string;
  account_id: string | null;
  status: string;
  access_token: string;
  refresh_token: string | null;
  scopes: string[];
  token_version: number;
  token_expires_at: string | null;
  saved: Args;
}

/** The operator's settings, as tests have them. */
export const env = {
  SITE_URL: "https://app.example.test/",
  OAUTH_REDIRECT_URLS: "https://app.example.test/connections",
  SUPABASE_URL: "https://api.example.test",
  OAUTH_TEST_CLIENT_ID: clientId,
  OAUTH_TEST_CLIENT_SECRET: clientSecret,
};

/** The way out of tests: to this machine alone. */
export const network: OutboundNetwork = {
  allowLoopback: true,
  resolveHost: async () => [],
  connect: nodeConnect,
};

/** What the database does for connections, by the rules of its functions, and the catalogue. */
export class ConnectionMemory {
  readonly states = new Map<string, Args>();
  readonly connections = new Map<string, KeptConnection>();
  /** Consents of connections that are gone. */
  readonly consents = new Map<string, KeptConnection>();
  readonly calls: { name: string; args: Args }[] = [];
  readonly logged: string[] = [];
  readonly events: string[] = [];
  /** What the next calls of a function throw. */
  readonly failing = new Map<string, HttpError>();
  isMember = true;
  now: () => number = Date.now;
  provider: Provider;
  private readonly leases = new Map<string, { token: string; until: number }>();
  private readonly retryAt = new Map<string, number>();
  private readonly rejected = new Set<string>();

  constructor(server: OAuthServer, metadata: Args = {}) {
    this.provider = {
      id: "00000000-0000-4000-8000-0000000000aa",
      name: "test",
      display_name: "Test",
      provider_type: "oauth",
      ...server.endpoints,
      scopes_supported: ["openid", "email", "read", "write"].map((scope) => ({ scope })),
      configuration_metadata: providerMetadata.parse({
        client: "TEST",
        default_scopes: ["openid", "read"],
        tokens_expire: true,
        token_endpoint_auth_method: "client_secret_basic",
        revocation: { revokes: "refresh_token" },
        identity: {
          url: `${server.url}/userinfo`,
          id_path: "sub",
          name_path: "email",
          scopes: ["openid"],
        },
        ...metadata,
      }),
      is_active: true,
    };
  }

  /** Everything that functions take. */
  tools(limits: { timeoutMs?: number; maxBytes?: number } = {}) {
    return {
      userId,
      rpc: this.rpc,
      userRpc: this.rpc,
      findProvider: async (key: { name: string } | { id: string }) =>
        Object.values(key)[0] === this.provider.name || Object.values(key)[0] === this.provider.id
          ? this.provider
          : null,
      findConnection: async (id: string) => {
        const found = this.connections.get(id);
        return found
          ? {
              id,
              organization_id: organizationId,
              user_id: found.user_id,
              service_provider_id: this.provider.id,
              scopes_granted: found.scopes,
            }
          : null;
      },
      fetch: outboundFetch(network, { timeoutMs: 5_000, maxRedirects: 0, ...limits }),
      network,
      env: env as Record<string, string | undefined>,
      log: ((_, message, facts) => {
        this.logged.push(`${message} ${JSON.stringify(facts)}`);
      }) as Log,
      now: () => this.now(),
    };
  }

  /** Takes a connection away that was not ended. */
  lose(connection: KeptConnection, consentId: string) {
    this.connections.delete(connection.id);
    this.consents.set(consentId, connection);
  }

  /** A connection that is there already. */
  add(connection: Partial<KeptConnection> = {}): KeptConnection {
    const made: KeptConnection = {
      id: crypto.randomUUID(),
      user_id: userId,
      account_id: "account-1",
      status: "active",
      access_token: "access-old",
      refresh_token: "refresh-old",
      scopes: ["openid", "read"],
      token_version: 1,
      token_expires_at: new Date(this.now() - 1000).toISOString(),
      saved: {},
      ...connection,
    };
    this.connections.set(made.id, made);
    return made;
  }

  readonly rpc = async (name: string, args: Args = {}): Promise<unknown> => {
    this.calls.push({ name, args });
    // A round trip: others get their turn, as they do with a database.
    await new Promise((resolve) => setImmediate(resolve));
    const failure = this.failing.get(name);
    if (failure) {
      throw failure;
    }
    const does = (this as unknown as Record<string, ((args: Args) => unknown) | undefined>)[name];
    if (!does) {
      throw new Error(`No function ${name}`);
    }
    return does.call(this, args);
  };

  check_permission() {
    return this.isMember;
  }

  consume_request() {
    return null;
  }

  create_oauth_state(args: Args) {
    const expires = this.now() + Number(args.p_expires_in_seconds) * 1000;
    this.states.set(String(args.p_state_hash), { ...args, expires });
    return { id: crypto.randomUUID(), expires_at: new Date(expires).toISOString() };
  }

  consume_oauth_state({ p_state_hash }: Args) {
    const state = this.states.get(String(p_state_hash));
    this.states.delete(String(p_state_hash));
    if (!state || Number(state.expires) <= this.now()) {
      throw new HttpError(404, "oauth_state_not_found", "No consent is under way");
    }
    const { expires: _, ...rest } = state;
    return Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key.replace(/^p_/, ""), value]),
    );
  }

  save_oauth_connection(args: Args) {
    if (!this.isMember) {
      throw new HttpError(403, "permission_denied", "They may not connect accounts");
    }
    const id = args.p_connection_id ? String(args.p_connection_id) : undefined;
    const old = id ? this.connections.get(id) : undefined;
    if (old && old.account_id !== args.p_account_id) {
      throw new HttpError(409, "connection_account_differs", "That is another account");
    }
    const seconds = args.p_expires_in_seconds as number | null;
    const saved = this.add({
      ...(old ?? {}),
      status: old || !args.p_confirmation_hash ? "active" : "unconfirmed",
      user_id: String(args.p_user_id),
      account_id: args.p_account_id as string,
      access_token: String(args.p_access_token),
      refresh_token: (args.p_refresh_token ?? old?.refresh_token ?? null) as string | null,
      scopes: args.p_scopes as string[],
      token_expires_at:
        seconds === null ? null : new Date(this.now() + seconds * 1000).toISOString(),
      saved: args,
    });
    return { id: saved.id, connection_status: saved.status };
  }

  save_key_connection(args: Args) {
    return { id: this.add({ saved: args }).id };
  }

  connection_credential({ p_connection_id }: Args) {
    const found = this.found(p_connection_id);
    if (found.status === "disconnected") {
      throw new HttpError(409, "connection_not_active", "The connection is not in use any more");
    }
    return {
      connection_id: found.id,
      organization_id: organizationId,
      user_id: found.user_id,
      provider: this.provider.name,
      provider_display_name: this.provider.display_name,
      connection_name: "Mine",
      credential_type: "oauth",
      status: found.status,
      last_error: null,
      access_token: found.access_token,
      connection_metadata: { guild_id: "77" },
      scopes: found.scopes,
      token_version: found.token_version,
      token_expires_at: found.token_expires_at,
      configuration_metadata: this.provider.configuration_metadata,
    };
  }

  claim_token_refresh(args: Args) {
    const found = this.found(args.p_connection_id);
    const lease = this.leases.get(found.id);
    const answer = (outcome: string, more: Args = {}) => ({
      outcome,
      connection_id: found.id,
      token_version: found.token_version,
      status: found.status,
      ...more,
    });
    if (found.status !== "active") {
      return answer("inactive");
    }
    if (found.token_version !== args.p_seen_token_version) {
      return answer("fresh");
    }
    if (lease && lease.until > this.now()) {
      return answer("busy");
    }
    if (found.refresh_token === null) {
      this.expire(found, "expired");
      return answer("inactive");
    }
    if (args.p_was_rejected && this.rejected.has(found.id)) {
      this.expire(found, "error");
      return answer("inactive");
    }
    const retry = this.retryAt.get(found.id) ?? 0;
    if (retry > this.now()) {
      return answer("waiting", { retry_at: new Date(retry).toISOString() });
    }
    if (args.p_was_rejected) {
      this.rejected.add(found.id);
    }
    const token = crypto.randomUUID();
    this.leases.set(found.id, {
      token,
      until: this.now() + Number(args.p_lease_seconds) * 1000,
    });
    return answer("claimed", {
      lease_token: token,
      refresh_token: found.refresh_token,
      scopes: found.scopes,
      provider: this.provider.name,
      token_endpoint: this.provider.token_endpoint,
      revocation_endpoint: this.provider.revocation_endpoint,
      configuration_metadata: this.provider.configuration_metadata,
    });
  }

  complete_token_refresh(args: Args) {
    const found = this.found(args.p_connection_id);
    if (found.status === "disconnected") {
      return { outcome: "inactive" };
    }
    if (found.token_version !== args.p_token_version) {
      return { outcome: "superseded" };
    }
    const seconds = args.p_expires_in_seconds as number | null;
    Object.assign(found, {
      access_token: args.p_access_token,
      refresh_token: args.p_refresh_token ?? found.refresh_token,
      scopes: args.p_scopes ?? found.scopes,
      token_version: found.token_version + 1,
      token_expires_at:
        seconds === null ? null : new Date(this.now() + seconds * 1000).toISOString(),
    });
    this.leases.delete(found.id);
    return { outcome: "refreshed" };
  }

  fail_token_refresh(args: Args) {
    const found = this.found(args.p_connection_id);
    if (found.token_version !== args.p_token_version) {
      return { outcome: "superseded" };
    }
    if (this.leases.get(found.id)?.token !== args.p_lease_token) {
      return { outcome: "busy" };
    }
    this.leases.delete(found.id);
    if (args.p_is_permanent) {
      this.expire(found, "expired");
      return { outcome: "expired" };
    }
    const retry = this.now() + Math.max(5, Number(args.p_retry_after_seconds ?? 0)) * 1000;
    this.retryAt.set(found.id, retry);
    return { outcome: "waiting", retry_at: new Date(retry).toISOString() };
  }

  revocation_credential({ p_connection_id }: Args) {
    return this.heldBy(this.found(p_connection_id));
  }

  lost_consent_credential({ p_consent_id }: Args) {
    const lost = this.consents.get(String(p_consent_id));
    return lost ? this.heldBy(lost) : null;
  }

  forget_lost_consent({ p_consent_id }: Args) {
    return this.consents.delete(String(p_consent_id));
  }

  private heldBy(found: KeptConnection) {
    return {
      provider: this.provider.name,
      revocation_endpoint: this.provider.revocation_endpoint,
      configuration_metadata: this.provider.configuration_metadata,
      access_token: found.access_token,
      refresh_token: found.refresh_token,
      is_account_shared: [...this.connections.values()].some(
        (other) => other !== found && other.account_id === found.account_id,
      ),
    };
  }

  can_manage_connection({ p_connection_id }: Args) {
    return this.connections.get(String(p_connection_id))?.user_id === userId;
  }

  disconnect_service({ p_connection_id }: Args) {
    const found = this.connections.get(String(p_connection_id));
    if (found?.user_id !== userId) {
      throw new HttpError(404, "connection_not_found", "No connection with that id");
    }
    found.status = "disconnected";
    return { id: found.id, connection_status: found.status };
  }

  /** How often a function was called. */
  count(name: string): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  private expire(connection: KeptConnection, status: string): void {
    connection.status = status;
    this.events.push("connection.expired");
    this.leases.delete(connection.id);
  }

  private found(id: unknown): KeptConnection {
    const found = this.connections.get(String(id));
    if (!found) {
      throw new HttpError(404, "connection_not_found", "No connection with that id");
    }
    return found;
  }
}

/** The hash by which a state is kept. */
export function hashOf(state: string | null): string {
  return createHash("sha256").update(String(state)).digest("hex");
}
