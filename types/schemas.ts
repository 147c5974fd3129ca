/**
 * The shapes that cross Ensemble's boundary, as zod schemas with their inferred types: inputs of
 * RPCs, bodies of edge functions, and what the functions answer. Frontends import them from
 * `ensemble/schemas`; functions parse with them; tests build with them.
 */

export * from "./schemas/agent-chat.ts";
export * from "./schemas/agents.ts";
export * from "./schemas/audit.ts";
export * from "./schemas/canvas.ts";
export * from "./schemas/configuration.ts";
export * from "./schemas/datastores.ts";
export * from "./schemas/engine.ts";
export * from "./schemas/errors.ts";
export * from "./schemas/integrations.ts";
export * from "./schemas/knowledge.ts";
export * from "./schemas/lifecycle.ts";
export * from "./schemas/mcp.ts";
export * from "./schemas/media.ts";
export * from "./schemas/media-processing.ts";
export * from "./schemas/members.ts";
export * from "./schemas/memories.ts";
export * from "./schemas/model-providers.ts";
export * from "./schemas/organization-secrets.ts";
export * from "./schemas/organizations.ts";
export * from "./schemas/queue.ts";
export * from "./schemas/quotas.ts";
export * from "./schemas/scalars.ts";
export * from "./schemas/secrets.ts";
export * from "./schemas/task-functions.ts";
export * from "./schemas/tasks.ts";
export * from "./schemas/tools.ts";
export * from "./schemas/transfers.ts";
export * from "./schemas/workspaces.ts";
