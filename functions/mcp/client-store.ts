import type { PostgrestSingleResponse, SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { uuid } from "../../types/schemas.ts";
import { databaseError } from "../_shared/errors/database-error.ts";
import { type Page, positionOf } from "./page.ts";
import {
  agentRow,
  messageRow,
  namedRow,
  organizationRow,
  runRow,
  stepRow,
  taskRow,
} from "./rows.ts";
import type { AssistantStore } from "./store.ts";

type Table = ReturnType<SupabaseClient["from"]>;
type Query = ReturnType<Table["select"]>;

/** The store over a supabase-js client that acts as the user. */
export function clientStore(client: SupabaseClient, userId: string): AssistantStore {
  const read = (table: string, row: z.ZodObject): Query =>
    client.from(table).select(Object.keys(row.shape).join(", "));

  return {
    async organizations(page) {
      return pageOf(read("organizations", organizationRow), organizationRow, page);
    },
    async seesOrganization(id) {
      const query = client.from("organizations").select("id").eq("id", id);
      return rowsOf(await query.maybeSingle()) !== null;
    },
    async currentOrganizationId() {
      const query = client.from("user_preferences").select("current_organization_id");
      const row = z.object({ current_organization_id: uuid.nullable() }).nullable();
      const found = row.parse(rowsOf(await query.eq("user_id", userId).maybeSingle()));
      return found?.current_organization_id ?? null;
    },
    async roles(organizationIds) {
      const query = client
        .from("organization_members")
        .select("organization_id, role_id")
        .eq("user_id", userId)
        .in("organization_id", organizationIds);
      const places = z
        .array(z.object({ organization_id: uuid, role_id: uuid }))
        .parse(rowsOf(await query));
      const roleIds = [...new Set(places.map(({ role_id }) => role_id))];
      const roles = client.from("roles").select("id, name").in("id", roleIds);
      const named = z.array(namedRow).parse(rowsOf(await roles));
      const names = new Map(named.map(({ id, name }) => [id, name ?? ""]));
      return new Map(
        places.flatMap(({ organization_id, role_id }) => {
          const name = names.get(role_id);
          return name ? [[organization_id, name]] : [];
        }),
      );
    },
    async agents(organizationId, name, page) {
      let query = read("agents", agentRow).eq("organization_id", organizationId);
      if (name) {
        query = query.ilike("name", containing(name));
      }
      return pageOf(query, agentRow, page);
    },
    async tasks(organizationId, { agentId, status }, page) {
      let query = read("agent_tasks", taskRow).eq("organization_id", organizationId);
      if (agentId) {
        query = query.eq("agent_id", agentId);
      }
      if (status) {
        query = query.eq("status", status);
      }
      return pageOf(query, taskRow, page);
    },
    async organizationOfTask(taskId) {
      const query = client.from("agent_tasks").select("organization_id").eq("id", taskId);
      const row = z.object({ organization_id: uuid }).nullable();
      return row.parse(rowsOf(await query.maybeSingle()))?.organization_id ?? null;
    },
    async runs(taskId, page) {
      return pageOf(read("agent_task_runs", runRow).eq("task_id", taskId), runRow, page);
    },
    async run(id) {
      const query = read("agent_task_runs", runRow).eq("id", id);
      return runRow.nullable().parse(rowsOf(await query.maybeSingle()));
    },
    async steps(runId) {
      const query = read("agent_task_run_steps", stepRow).eq("run_id", runId);
      return z.array(stepRow).parse(rowsOf(await query.order("step_order")));
    },
    async messages(organizationId, { words, channelId }, page) {
      let query = read("chat_messages", messageRow)
        .eq("organization_id", organizationId)
        .eq("message_type", "text");
      if (channelId) {
        query = query.eq("channel_id", channelId);
      }
      const patterns = words.map((word) => `%${word}%`);
      return pageOf(query.ilikeAllOf("content", patterns), messageRow, page);
    },
    async names(table, ids) {
      const columns = table === "profiles" ? "id, name:full_name" : "id, name";
      const query = client.from(table).select(columns).in("id", ids);
      return ids.length === 0 ? [] : z.array(namedRow).parse(rowsOf(await query));
    },
  };
}

/** A page and one row more, newest first. */
async function pageOf<T extends z.ZodType>(
  query: Query,
  row: T,
  page: Page,
): Promise<z.output<T>[]> {
  const after = positionOf(page);
  const { at, id } = after ?? {};
  const rest = after
    ? query.or(`created_at.lt."${at}",and(created_at.eq."${at}",id.lt.${id})`)
    : query;
  const rows = await rest
    .order("created_at", { ascending: false })
    .order("id", { ascending: false })
    .limit(page.limit + 1);
  return z.array(row).parse(rowsOf(rows));
}

/** A pattern of `ilike`, in which the text stands for itself. */
function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

function rowsOf(
  answer: Pick<PostgrestSingleResponse<unknown>, "data" | "error" | "status">,
): unknown {
  if (answer.error) {
    throw databaseError({ ...answer.error, status: answer.status });
  }
  return answer.data;
}
