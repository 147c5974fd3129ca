import { describe, expect, it } from "vitest";
import type { ZodObject } from "zod";
import * as schemas from "../../types/schemas.ts";
import { inRolledBackSession } from "../support/database/prepared.ts";

interface Rpc {
  name: string;
  needed: string[];
  optional: string[];
}

/** RPCs of the same parameters share a schema. */
const shared: Record<string, string> = {
  accept_invitation: "answerInvitationInput",
  archive_media: "mediumInput",
  can_manage_connection: "connectionInput",
  cancel_task_run: "taskRunInput",
  complete_datastore_sync: "leaseInput",
  complete_job: "leaseInput",
  confirm_media_upload: "mediumInput",
  connection_credential: "connectionInput",
  datastore_sync_target: "leaseInput",
  decline_invitation: "answerInvitationInput",
  disconnect_service: "connectionInput",
  forget_lost_consent: "lostConsentInput",
  get_model_provider: "modelProviderInput",
  model_provider_settings: "modelProviderInput",
  organization_model_usage: "modelProviderInput",
  load_import: "leaseInput",
  lost_consent_credential: "lostConsentInput",
  pause_task: "taskInput",
  read_transfer_lines: "readTransferChunkInput",
  read_transfer_values: "readTransferChunkInput",
  publish_media_embeddings: "leaseInput",
  reactivate_member: "memberInput",
  release_job: "leaseInput",
  remove_member: "memberInput",
  remove_model_provider: "modelProviderInput",
  resend_invitation: "invitationInput",
  restore_media: "mediumInput",
  resume_task: "taskInput",
  retry_task_run: "taskRunInput",
  revocation_credential: "connectionInput",
  revoke_invitation: "invitationInput",
  run_task_now: "taskInput",
  snapshot_transfer: "leaseInput",
  start_media_processing: "leaseInput",
  start_transfer: "leaseInput",
  suspend_member: "memberInput",
  take_over_task: "taskInput",
  transfer_ownership: "memberInput",
};

function schemaName(rpc: string): string {
  const camel = rpc.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return shared[rpc] ?? `${camel}Input`;
}

/** The parameters of a schema, as the RPC sees them. */
function parametersOf(schema: ZodObject): Omit<Rpc, "name"> {
  const entries = Object.entries(schema.shape);
  const isOptional = (field: unknown) =>
    (field as { safeParse: (value: unknown) => { success: boolean } }).safeParse(undefined).success;
  return {
    needed: entries.flatMap(([name, field]) => (isOptional(field) ? [] : [name])).sort(),
    optional: entries.flatMap(([name, field]) => (isOptional(field) ? [name] : [])).sort(),
  };
}

const rpcs = `
  select
    proname as name,
    array(
      select proargnames[place] from generate_series(1, pronargs - pronargdefaults) as place
      order by 1
    ) as needed,
    array(
      select proargnames[place]
      from generate_series(pronargs - pronargdefaults + 1, pronargs) as place
      order by 1
    ) as optional
  from pg_catalog.pg_proc
  where pronamespace = 'public'::regnamespace and prokind = 'f' and pronargs > 0
    and not exists (
      select from pg_catalog.pg_depend where objid = pg_proc.oid and deptype = 'e'
    )
  order by proname`;

describe("types/schemas.ts", () => {
  it("has the parameters of every RPC, needed and optional, as the database has them", async () => {
    const functions = await inRolledBackSession((session) => session.query<Rpc>(rpcs));
    const written = functions.map(({ name }) => {
      const schema = (schemas as Record<string, unknown>)[schemaName(name)] as ZodObject;
      return schema ? { name, ...parametersOf(schema) } : { name, needed: ["no schema"] };
    });

    expect(functions.length).toBeGreaterThan(30);
    expect(written).toEqual(functions);
  });
});
