import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { waker } from "../../functions/_shared/wake.ts";
import { handleTaskScheduler } from "../../functions/task-scheduler/handler.ts";

const log = vi.fn();

describe("the task scheduler", () => {
  it("turns the engine once and wakes each named function once", async () => {
    const tick = {
      leases_returned: 1,
      runs_dispatched: 2,
      functions: ["task-runner", "task-runner"],
    };
    const rpc = vi.fn(async () => tick);
    const wake = vi.fn();

    const result = await handleTaskScheduler({ rpc, wake, log });

    expect(rpc).toHaveBeenCalledExactlyOnceWith("tick");
    expect(result).toEqual({ tick, woken: ["task-runner"] });
    expect(wake).toHaveBeenCalledExactlyOnceWith("task-runner");
  });

  it("wakes nobody when there is no work", async () => {
    const wake = vi.fn();

    const result = await handleTaskScheduler({ rpc: async () => ({ functions: [] }), wake, log });

    expect(result.woken).toEqual([]);
    expect(wake).not.toHaveBeenCalled();
  });

  it("logs what failed in the tick, and still wakes the others", async () => {
    const tick = { functions: ["task-runner"], errors: ["runs_failed: deadlock detected"] };
    const wake = vi.fn();

    await handleTaskScheduler({ rpc: async () => tick, wake, log });

    expect(wake).toHaveBeenCalledOnce();
    expect(log).toHaveBeenCalledWith("error", expect.any(String), { errors: tick.errors });
  });

  it("passes on that the database does not answer", async () => {
    const rpc = async () => {
      throw new HttpError(503, "database_unavailable", "The database did not answer.");
    };

    await expect(handleTaskScheduler({ rpc, wake: vi.fn(), log })).rejects.toThrow(
      "did not answer",
    );
  });
});

describe("waking a function", () => {
  const options = { secretKey: "sb_secret_test", correlationId: "abc", log: vi.fn() };

  it("posts with the secret key and does not wait for the answer", async () => {
    const arrived: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      arrived.push(request);
      setTimeout(() => response.end("{}"), 100);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const pending: Promise<unknown>[] = [];

    waker({ ...options, url, waitUntil: (promise) => pending.push(promise) })("task-runner");

    expect(pending).toHaveLength(1);
    await Promise.all(pending);
    server.close();
    expect(arrived[0]).toMatchObject({
      method: "POST",
      url: "/functions/v1/task-runner",
      headers: expect.objectContaining({ apikey: "sb_secret_test", "x-correlation-id": "abc" }),
    });
  });

  it("logs a function that does not answer, and does not fail for it", async () => {
    const log = vi.fn();
    const pending: Promise<unknown>[] = [];
    const wake = waker({
      ...options,
      log,
      url: "http://127.0.0.1:9",
      waitUntil: (promise) => pending.push(promise),
    });

    wake("task-runner");
    await Promise.all(pending);

    expect(log).toHaveBeenCalledWith("error", "a function did not wake", expect.anything());
  });
});
