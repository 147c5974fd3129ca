import type { SupabaseClient } from "@supabase/supabase-js";
import { startOAuthServer } from "../../test/support/oauth/index.ts";
import { startGmail } from "../../test/support/providers/gmail.ts";
import { googleToken } from "../../test/support/providers/google.ts";
import { unwrap } from "./unwrap.ts";

/** A provider of mail on this machine. */
export interface MailProvider {
  /** Gives the consent as its owner would in a browser; answers where that leads. */
  consent: (authorizationUrl: string) => Promise<URL>;
  /** How many tokens were taken back. */
  revoked: () => number;
  /** Restores the catalogue; again does nothing. */
  close: () => Promise<void>;
}

/**
 * Starts an OAuth server and a mail API on loopback, and has the catalogue's Gmail lead to them
 * until it is closed. Only an operator may do that: nobody else changes where providers are.
 */
export async function startMailProvider(operator: SupabaseClient): Promise<MailProvider> {
  const [oauth, api] = await Promise.all([startOAuthServer(), startGmail()]);
  oauth.behaviour.identity = { sub: "nora", email: "nora@example.test" };
  oauth.behaviour.tokenAnswer = (answer) => {
    answer.body = { ...(answer.body || {}), access_token: googleToken };
  };
  const columns =
    "authorization_endpoint, token_endpoint, revocation_endpoint, configuration_metadata";
  const gmail = () => operator.from("service_providers");
  const kept = unwrap(
    "read the catalogue",
    await gmail().select(columns).eq("name", "gmail").single(),
  );
  const set = (row: object) => gmail().update(row).eq("name", "gmail").select("id").single();
  const metadata = kept.configuration_metadata as { identity: object };
  unwrap(
    "point Gmail to this machine",
    await set({
      ...oauth.endpoints,
      configuration_metadata: {
        ...metadata,
        client: "DEMO",
        api_base_url: api.url,
        identity: { ...metadata.identity, url: `${oauth.url}/userinfo` },
        revocation: { revokes: "refresh_token" },
      },
    }),
  );
  let closing: Promise<unknown> | undefined;
  const restore = async () => {
    unwrap("restore the catalogue", await set(kept));
    await Promise.all([oauth.close(), api.close()]);
  };
  return {
    consent: (url) => oauth.visit(url),
    revoked: () => oauth.revoked.length,
    async close() {
      closing ??= restore();
      await closing;
    },
  };
}
