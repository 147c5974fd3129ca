import type { AssistantTool } from "../tool.ts";
import { askAgent } from "./ask-agent.ts";
import { getTaskRun } from "./get-task-run.ts";
import { listAgents } from "./list-agents.ts";
import { listOrganizations } from "./list-organizations.ts";
import { listTaskRuns } from "./list-task-runs.ts";
import { listTasks } from "./list-tasks.ts";
import { runTask } from "./run-task.ts";
import { searchKnowledgeTool } from "./search-knowledge.ts";
import { searchMessages } from "./search-messages.ts";

/** What the server offers; a tool more is a file more and a line here. */
export const assistantTools: readonly AssistantTool[] = [
  listOrganizations,
  listAgents,
  askAgent,
  listTasks,
  runTask,
  listTaskRuns,
  getTaskRun,
  searchMessages,
  searchKnowledgeTool,
];
