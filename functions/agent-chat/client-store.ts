import type { PostgrestSingleResponse, SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { agentSettings, chatMessage, uuid } from "../../types/schemas.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { databaseError } from "../_shared/errors/database-error.ts";
import type { ChatStore } from "./store.ts";

const agentRow = agentSettings.extend({ organization_id: uuid });
const channelRow = z.looseObject({ id: uuid, organization_id: uuid });

const AGENT_COLUMNS =
  "id, organization_id, name, instructions, model, temperature, max_tokens, context_window_size, config";
const MESSAGE_COLUMNS =
  "id, channel_id, user_id, agent_id, content, message_type, metadata, created_at";

/** The store over supabase-js: the user's client, and the service role's for the agent's words. */
export function clientStore(user: SupabaseClient, admin: SupabaseClient): ChatStore {
  const asUser = clientRpc(user, "user");
  const asService = clientRpc(admin, "service");

  return {
    async agent(id) {
      const query = user.from("agents").select(AGENT_COLUMNS).eq("id", id).maybeSingle();
      return agentRow.nullable().parse(rowsOf(await query));
    },
    async mayRun(agentId) {
      return z.boolean().parse(await asUser("can_run_agent", { p_agent_id: agentId }));
    },
    async channel(id) {
      const query = user.from("chat_channels").select("id, organization_id").eq("id", id);
      return channelRow.nullable().parse(rowsOf(await query.maybeSingle()));
    },
    async openConversation(agentId) {
      return channelRow.parse(await asUser("open_agent_conversation", { p_agent_id: agentId }));
    },
    async history(channelId, limit) {
      const query = user
        .from("chat_messages")
        .select(MESSAGE_COLUMNS)
        .eq("channel_id", channelId)
        .eq("message_type", "text")
        .order("created_at", { ascending: false })
        .order("id", { ascending: false })
        .limit(limit);
      return z
        .array(chatMessage)
        .parse(rowsOf(await query))
        .toReversed();
    },
    async names(userIds, agentIds) {
      const [people, agents] = await Promise.all([
        userIds.length > 0
          ? user.from("profiles").select("id, name:full_name").in("id", userIds)
          : { data: [], error: null, status: 200 },
        agentIds.length > 0
          ? user.from("agents").select("id, name").in("id", agentIds)
          : { data: [], error: null, status: 200 },
      ]);
      const named = z.array(z.object({ id: uuid, name: z.string().nullable() }));
      const rows = [...named.parse(rowsOf(people)), ...named.parse(rowsOf(agents))];
      return new Map(rows.flatMap(({ id, name }) => (name ? [[id, name]] : [])));
    },
    async say(channelId, content) {
      const query = user
        .from("chat_messages")
        .insert({ channel_id: channelId, content })
        .select(MESSAGE_COLUMNS)
        .single();
      return chatMessage.parse(rowsOf(await query));
    },
    async postAnswer(channelId, agentId, content, metadata) {
      return chatMessage.parse(
        await asService("post_agent_message", {
          p_channel_id: channelId,
          p_agent_id: agentId,
          p_content: content,
          p_metadata: metadata,
        }),
      );
    },
  };
}

function rowsOf(
  answer: Pick<PostgrestSingleResponse<unknown>, "data" | "error" | "status">,
): unknown {
  if (answer.error) {
    throw databaseError({ ...answer.error, status: answer.status });
  }
  return answer.data;
}
