import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BudgetEnded, startBudget } from "../../functions/_shared/jobs/budget.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a runner's budget", () => {
  it("is spent after its seconds", () => {
    const budget = startBudget(120);

    vi.advanceTimersByTime(119_999);
    expect(budget.isSpent()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(budget.isSpent()).toBe(true);
  });

  it("ends every call before the platform's 150 s", () => {
    const budget = startBudget(120);

    vi.advanceTimersByTime(120_001);
    expect(budget.end.aborted).toBe(false);
    vi.advanceTimersByTime(24_000);
    expect(budget.end.reason).toBeInstanceOf(BudgetEnded);
  });
});
