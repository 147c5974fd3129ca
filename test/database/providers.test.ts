import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import type { ZodType } from "zod";
import {
  type Provider,
  provider,
  providerMetadata,
} from "../../functions/_shared/connections/provider.ts";
import { handleOauthStart } from "../../functions/oauth-start/handler.ts";
import { inRolledBackSession } from "../support/database/prepared.ts";

const id = "00000000-0000-4000-8000-000000000001";
let rows: (Provider & { configuration_metadata: Record<string, unknown> })[];

beforeAll(async () => {
  rows = await inRolledBackSession((session) =>
    session.query("select * from public.service_providers order by name"),
  );
});

/** Names in a document that no field of its schema has, with their paths. */
function unknownNames(schema: ZodType, document: unknown, path = ""): string[] {
  const inner = schema as { unwrap?: () => ZodType; shape?: Record<string, ZodType> };
  if (inner.unwrap) {
    return unknownNames(inner.unwrap(), document, path);
  }
  const { shape } = inner;
  return shape && typeof document === "object" && document !== null
    ? Object.entries(document).flatMap(([name, value]) =>
        shape[name] ? unknownNames(shape[name], value, `${path}${name}.`) : [path + name],
      )
    : [];
}

describe("the catalogue of providers", () => {
  it("says nothing of a provider that the functions do not know", () => {
    const unknown = rows.flatMap(({ name, configuration_metadata }) =>
      unknownNames(providerMetadata, configuration_metadata, `${name}: `),
    );

    expect(rows.length).toBeGreaterThanOrEqual(18);
    expect(unknown.filter((name) => !name.includes("credential_schema"))).toEqual([]);
    expect(unknownNames(providerMetadata, { revocation: { token: "x" } })).toEqual([
      "revocation.token",
    ]);
  });

  it("names an app for each OAuth provider, and the settings name its variables", async () => {
    const settings = await readFile("functions/.env.example", "utf8");
    const apps = rows
      .filter((row) => row.provider_type === "oauth")
      .map((row) => row.configuration_metadata.client);

    expect(apps).not.toContain(undefined);
    for (const app of new Set(apps)) {
      expect(settings).toContain(`# OAUTH_${app}_CLIENT_ID=`);
      expect(settings).toContain(`# OAUTH_${app}_CLIENT_SECRET=`);
    }
  });

  it("leads to each OAuth provider's page of consent, in its way", async () => {
    const asked: Record<string, string> = {};
    for (const row of rows.filter((each) => each.provider_type === "oauth")) {
      const parsed = provider.parse(row);
      const { client } = parsed.configuration_metadata;
      const { authorization_url } = await handleOauthStart(
        { provider: parsed.name, organization_id: id },
        {
          userId: id,
          userRpc: async () => true,
          rpc: async () => ({ expires_at: "soon" }),
          findProvider: async () => parsed,
          findConnection: async () => null,
          env: {
            SITE_URL: "https://app.example.test",
            SUPABASE_URL: "https://api.example.test",
            [`OAUTH_${client}_CLIENT_ID`]: "app",
            [`OAUTH_${client}_CLIENT_SECRET`]: "secret",
          },
        },
      );
      const { searchParams, origin, pathname } = new URL(authorization_url);
      for (const name of ["client_id", "redirect_uri", "response_type", "state"]) {
        expect(searchParams.get(name), `${parsed.name} ${name}`).toBeTruthy();
        searchParams.delete(name);
      }
      const hasChallenge = searchParams.get("code_challenge_method") === "S256";
      searchParams.delete("code_challenge");
      searchParams.delete("code_challenge_method");
      const rest = decodeURIComponent(searchParams.toString().replaceAll("+", " "));
      asked[parsed.name] = `${origin}${pathname} ${hasChallenge ? "PKCE" : "plain"} ${rest}`;
    }

    const google = "https://accounts.google.com/o/oauth2/v2/auth PKCE";
    const offline = "prompt=consent&access_type=offline";
    const auth = "https://www.googleapis.com/auth";
    const microsoft = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize PKCE";
    expect(asked).toEqual({
      discord: expect.stringMatching(
        /^https:\/\/discord\.com\/oauth2\/authorize PKCE .*scope=identify guilds bot/,
      ),
      github: "https://github.com/login/oauth/authorize PKCE scope=read:user repo",
      gmail: expect.stringContaining(
        `${google} ${offline}&scope=openid email ${auth}/gmail.send ${auth}/gmail.readonly`,
      ),
      "google-calendar": expect.stringContaining(
        `${google} ${offline}&scope=openid email ${auth}/calendar.events`,
      ),
      "google-drive": expect.stringContaining(
        `${google} ${offline}&scope=openid email ${auth}/drive.readonly`,
      ),
      linear: expect.stringMatching(/^https:\/\/linear\.app\/.*scope=read,issues:create/),
      "microsoft-onedrive": expect.stringContaining(microsoft),
      "microsoft-outlook": expect.stringMatching(/offline_access/),
      notion: "https://api.notion.com/v1/oauth/authorize plain owner=user",
      slack:
        "https://slack.com/oauth/v2/authorize plain scope=channels:read,channels:history,chat:write",
    });
  });
});
