import type { SupabaseClient } from "@supabase/supabase-js";
import { chat } from "./chat.ts";
import { connect } from "./client.ts";
import { DemoError } from "./demo-error.ts";
import { invoke } from "./invoke.ts";
import { type MailProvider, startMailProvider } from "./mail-provider.ts";
import { type DemoOptions, isOnThisMachine } from "./options.ts";
import type { Stage } from "./stage.ts";
import { unwrap } from "./unwrap.ts";

const READ = "https://www.googleapis.com/auth/gmail.readonly";
const SEND = "https://www.googleapis.com/auth/gmail.send";

// What `[[…]]` says is for the scripted model alone: see test/support/llm.
const SEARCH = 'Has the invoice come? [[call gmail_search_email {"query": "invoice"}]]';
const ANSWER =
  'Tell Bob that it has. [[wait 1500]] [[call gmail_send_email {"to": ["bob@example.test"], "subject": "The invoice", "text": "It has come."}]]';

/** The operator's client, or why there is none. */
export async function mailStage(
  options: DemoOptions,
): Promise<{ client: SupabaseClient; reason: null } | { client: null; reason: string }> {
  if (!isOnThisMachine(options)) {
    return { client: null, reason: "the stack is on another machine." };
  }
  if (!options.secretKey) {
    return { client: null, reason: "SUPABASE_SECRET_KEY is not set." };
  }
  const client = await connect({ ...options, publishableKey: options.secretKey });
  return { client, reason: null };
}

/**
 * Connects a mail account through its consent, lends two of its scopes to the agent, and shows a
 * call that is permitted and one that is refused, because the scope was taken back meanwhile.
 */
export async function lendMail(
  client: SupabaseClient,
  operator: SupabaseClient,
  stage: Stage,
  say: (line: string) => void,
  atEnd: (step: () => Promise<void>) => void,
): Promise<void> {
  const provider = await startMailProvider(operator);
  atEnd(provider.close); // whatever interrupts us
  try {
    const connectionId = await connectMail(client, provider, stage);
    const { account_name, scopes_granted } = unwrap(
      "read the connection",
      await client
        .from("user_integration_credentials")
        .select("account_name, scopes_granted")
        .eq("id", connectionId)
        .single(),
    );
    say(`Connected the mail account ${account_name} through its consent, tokens in Vault`);

    const lend = async (scopes: string[]) =>
      unwrap(
        "lend the mail account",
        await client.rpc("grant_agent_integration_permission", {
          p_agent_id: stage.agent.id,
          p_connection_id: connectionId,
          p_allowed_scopes: scopes,
          p_permission_level: "custom",
        }),
      );
    await lend([READ, SEND]);
    say(`Lent it to ${stage.agent.name} with two of its ${scopes_granted.length} scopes`);

    const [found] = await chat(client, stage.agent.id, SEARCH);
    if (found?.status !== "completed" || !found.text.includes("The invoice")) {
      throw new DemoError(`The mail was not searched: ${found?.text ?? "nothing was called"}`);
    }
    say(`Permitted: ${stage.agent.name} called ${found.name}, and found "The invoice"`);

    const [sent] = await chat(
      client,
      stage.agent.id,
      ANSWER,
      async () => void (await lend([READ])),
    );
    if (sent?.status !== "denied") {
      throw new DemoError(`Sending was not refused: ${sent?.text ?? "nothing was called"}`);
    }
    say(`Refused: ${sent.name}, as Dana took that scope back meanwhile. "${sent.text}"`);

    await invoke(client, "disconnect-service", { connection_id: connectionId });
    say(`Disconnected the account: ${provider.revoked()} consent taken back at the provider`);
  } finally {
    await provider.close();
  }
}

async function connectMail(
  client: SupabaseClient,
  provider: MailProvider,
  stage: Stage,
): Promise<string> {
  const { authorization_url } = await invoke<{ authorization_url: string }>(client, "oauth-start", {
    provider: "gmail",
    organization_id: stage.organization.id,
  });
  const back = await fetch(await provider.consent(authorization_url), { redirect: "manual" });
  const outcome = new URL(back.headers.get("location") ?? "about:blank").searchParams;
  const connection = outcome.get("connection");
  if (!connection) {
    throw new DemoError(`The account was not connected: ${outcome.get("error") ?? back.status}`);
  }
  // As whoever began: what the browser came back with shows that it was theirs that went there.
  unwrap(
    "confirm the mail account",
    await client.rpc("confirm_connection", {
      p_connection_id: connection,
      p_code: outcome.get("confirmation") ?? "",
    }),
  );
  return connection;
}
