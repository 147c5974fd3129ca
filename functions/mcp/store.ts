import type { z } from "zod";
import type { Page } from "./page.ts";
import type {
  agentRow,
  messageRow,
  namedRow,
  organizationRow,
  Run,
  stepRow,
  taskRow,
} from "./rows.ts";

/** Which tasks of an organization. */
export interface TaskFilter {
  agentId?: string | undefined;
  status?: string | undefined;
}

/** Which messages of an organization: those with all the words. */
export interface MessageFilter {
  /** At least one, each without what patterns and lists are written with. */
  words: string[];
  channelId?: string | undefined;
}

/**
 * What the user can see, under row-level security. Pages are newest first and come with one row
 * more than they hold, if there is one.
 */
export interface AssistantStore {
  organizations(page: Page): Promise<z.output<typeof organizationRow>[]>;
  seesOrganization(id: string): Promise<boolean>;
  /** The organization that the user works in; null when they never chose one. */
  currentOrganizationId(): Promise<string | null>;
  /** The user's role in each of the organizations. */
  roles(organizationIds: string[]): Promise<Map<string, string>>;
  agents(
    organizationId: string,
    name: string | undefined,
    page: Page,
  ): Promise<z.output<typeof agentRow>[]>;
  tasks(
    organizationId: string,
    filter: TaskFilter,
    page: Page,
  ): Promise<z.output<typeof taskRow>[]>;
  /** The organization of a task; null when the user sees no such task. */
  organizationOfTask(taskId: string): Promise<string | null>;
  runs(taskId: string, page: Page): Promise<Run[]>;
  run(id: string): Promise<Run | null>;
  steps(runId: string): Promise<z.output<typeof stepRow>[]>;
  messages(
    organizationId: string,
    filter: MessageFilter,
    page: Page,
  ): Promise<z.output<typeof messageRow>[]>;
  names(
    table: "chat_channels" | "profiles" | "agents",
    ids: string[],
  ): Promise<z.output<typeof namedRow>[]>;
}
