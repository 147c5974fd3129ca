import type { SupabaseClient } from "@supabase/supabase-js";

/** Waits for something to happen to a task's runs. */
export interface Changes {
  /** Settles on the next change, or after the given time. */
  next: (timeoutMs: number) => Promise<void>;
  close: () => Promise<void>;
}

/**
 * Listens by Realtime where the project has it (the embedded stack has not); where it has not,
 * `next` is a plain wait, and the demonstration polls.
 */
export function listenForChanges(client: SupabaseClient): Changes {
  let wake = () => {};
  const channel = client
    .channel("demo")
    .on("postgres_changes", { event: "*", schema: "public", table: "agent_task_runs" }, () =>
      wake(),
    )
    .on("postgres_changes", { event: "*", schema: "public", table: "agent_task_run_steps" }, () =>
      wake(),
    )
    .subscribe((status) => {
      if (status === "CHANNEL_ERROR" || status === "TIMED_OUT") {
        void client.removeAllChannels();
      }
    });

  return {
    next: (timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close: async () => {
      await client.removeChannel(channel).catch(() => {});
      client.realtime.disconnect();
    },
  };
}
