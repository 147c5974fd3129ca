import { z } from "zod";
import { timestamp, uuid } from "./scalars.ts";

/** What a search keeps to; nothing said is nothing kept out. Unknown keys are refused. */
export const knowledgeFilters = z.strictObject({
  /** Media with at least one of these tags. */
  tags: z.array(z.string().min(1).max(100)).min(1).max(50).optional(),
  category: z.string().min(1).max(200).optional(),
  media_ids: z.array(uuid).min(1).max(200).optional(),
  /** How the medium is assigned to the agent. */
  assignment_type: z.enum(["training", "reference", "context", "sop", "knowledge_base"]).optional(),
  /** When the medium came into the library; the first included, the second not. */
  created_after: timestamp.optional(),
  created_before: timestamp.optional(),
  visibility: z.enum(["organization", "personal"]).optional(),
  /** Where it is told: personal media only in a channel of the user's own workspace. */
  channel_id: uuid.optional(),
});
export type KnowledgeFilters = z.infer<typeof knowledgeFilters>;

const query = z.string().trim().min(1).max(2000);
const limit = z.int().min(1).max(50);

/** `search_knowledge`: what an agent's media say to a question, best first. */
export const searchKnowledgeInput = z.object({
  p_agent_id: uuid,
  p_query: query,
  p_limit: limit.optional(),
  p_filters: knowledgeFilters.optional(),
  /** The question's vector, of the model named; without it words alone are searched. */
  p_embedding: z.array(z.number()).nullish(),
  p_embedding_model: z.string().nullish(),
  /** What an external store found, best first; takes the place of the vectors. */
  p_candidates: z.array(z.object({ chunk_id: uuid, rank: z.int().positive() })).nullish(),
  /** For whom the service searches. Anybody else searches for themselves. */
  p_user_id: uuid.nullish(),
});
export type SearchKnowledgeInput = z.infer<typeof searchKnowledgeInput>;

/** `agent_knowledge`: how much there is for a search to look through. */
export const agentKnowledgeInput = z.object({
  p_agent_id: uuid,
  p_filters: knowledgeFilters.optional(),
  p_user_id: uuid.nullish(),
});
export type AgentKnowledgeInput = z.infer<typeof agentKnowledgeInput>;

/** The row that `agent_knowledge` answers. */
export const agentKnowledge = z.object({
  organization_id: uuid,
  media_ids: z.array(uuid),
  chunk_count: z.int().nonnegative(),
  /** Models whose vectors the media have; empty where there is text alone. */
  embedding_models: z.array(z.string()),
});
export type AgentKnowledge = z.infer<typeof agentKnowledge>;

/** Where a passage stands: what an answer built on it names. */
export const knowledgeCitation = z.object({
  media_id: uuid,
  chunk_id: uuid,
  display_name: z.string(),
  /** Page, slide or sheet, counted from 1; null where the medium has none. */
  page: z.int().nullable(),
  page_end: z.int().nullable(),
  heading_path: z.array(z.string()),
});
export type KnowledgeCitation = z.infer<typeof knowledgeCitation>;

/** A list that found the passage. */
export const knowledgeMatch = z.enum(["text", "vector", "trigram"]);

/** A passage that a search found. */
export const knowledgePassage = z.object({
  chunk_id: uuid,
  media_id: uuid,
  display_name: z.string(),
  file_name: z.string(),
  page: z.int().nullable(),
  page_end: z.int().nullable(),
  heading_path: z.array(z.string()),
  /** Half-open range in the medium's extracted text, in characters. */
  char_start: z.int(),
  char_end: z.int(),
  content: z.string(),
  /** The best part of it as HTML: escaped, with the question's words in `<mark>`. */
  highlight: z.string(),
  /** By reciprocal rank: comparable within one search only. */
  score: z.number(),
  matched_by: z.array(knowledgeMatch),
  citation: knowledgeCitation,
});
export type KnowledgePassage = z.infer<typeof knowledgePassage>;

/** Body of the function `search-knowledge`. */
export const searchKnowledgeBody = z.strictObject({
  agent_id: uuid,
  query,
  limit: limit.default(10),
  filters: knowledgeFilters.default({}),
});
export type SearchKnowledgeBody = z.input<typeof searchKnowledgeBody>;

/** How a search was made: by words and vectors, by words, or by similar words alone. */
export const knowledgeMode = z.enum(["hybrid", "text", "trigram"]);

/** What `search-knowledge` answers. */
export const knowledgeResult = z.object({
  results: z.array(knowledgePassage),
  mode: knowledgeMode,
  /** A sentence about what the search had to do without; absent when nothing. */
  notice: z.string().optional(),
  /** Of the vectors that took part; null when none did. */
  embedding_model: z.string().nullable(),
});
export type KnowledgeResult = z.infer<typeof knowledgeResult>;
