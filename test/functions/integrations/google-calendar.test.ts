import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { googleCalendarCapabilities } from "../../../functions/_shared/integrations/google-calendar.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { googleError, googleToken } from "../../support/providers/google.ts";
import { startGoogleCalendar } from "../../support/providers/google-calendar.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startGoogleCalendar();
});
beforeEach(() => api.forget());
afterAll(() => api.close());

function calendar(key: string, input: unknown) {
  const context = contextFor(`${api.url}/calendar/v3`, { accessToken: googleToken });
  return call(googleCalendarCapabilities, key, input, context);
}

describe("google_calendar_list_events", () => {
  it("lists each time of repeated events in order, from now on unless said", async () => {
    const before = Date.now();

    const result = await calendar("google_calendar_list_events", {});

    expect(result).toMatchObject({
      events: [
        {
          id: "e1_20260302",
          title: "Stand-up",
          start: "2026-03-02T09:00:00+01:00",
          end: "2026-03-02T09:15:00+01:00",
          location: "Room 1",
          attendees: [{ email: "ada@example.test", response: "accepted" }],
          repeats: true,
        },
        { id: "e2", start: "2026-03-03", end: "2026-03-04", repeats: false, attendees: [] },
      ],
      time_zone: "Europe/Zurich",
      next_page_token: "p2",
    });
    const { query, path } = api.requests[0] ?? {};
    expect(result).toMatchObject({ from: query?.get("timeMin") });
    expect(path).toBe("/calendar/v3/calendars/primary/events");
    expect(query?.get("singleEvents")).toBe("true");
    expect(Date.parse(query?.get("timeMin") ?? "")).toBeGreaterThanOrEqual(before);
  });

  it("asks for a time, words and a calendar", async () => {
    await calendar("google_calendar_list_events", {
      calendar_id: "team@group.calendar.example.test",
      from: "2026-03-01T00:00:00+01:00",
      to: "2026-03-08T00:00:00Z",
      query: "stand-up",
      limit: 5,
    });

    expect(Object.fromEntries(api.requests[0]?.query ?? [])).toEqual({
      singleEvents: "true",
      orderBy: "startTime",
      timeMin: "2026-03-01T00:00:00+01:00",
      timeMax: "2026-03-08T00:00:00Z",
      q: "stand-up",
      maxResults: "5",
    });
  });

  it("shows the beginning of a long description", async () => {
    const { events } = (await calendar("google_calendar_list_events", {})) as {
      events: { description: string }[];
    };

    expect(events[0]?.description).toHaveLength(500);
  });

  it.each(["tomorrow", "2026-03-01", "2026-03-01T00:00:00"])(
    "refuses %s as a bound: it needs an offset",
    async (from) => {
      await expect(calendar("google_calendar_list_events", { from })).rejects.toThrow();
    },
  );
});

describe("google_calendar_create_event", () => {
  const event = {
    title: "Review",
    start: "2026-03-02T10:00:00+01:00",
    end: "2026-03-02T11:00:00+01:00",
  };

  it("makes an event, and mails nobody unless it shall", async () => {
    const result = await calendar("google_calendar_create_event", {
      ...event,
      description: "Of the plan",
      location: "Room 1",
      attendees: ["nora@example.test"],
    });

    expect(result).toMatchObject({
      created: true,
      id: "new1",
      title: "Review",
      start: event.start,
      link: "https://calendar.example.test/new1",
    });
    expect(api.requests[0]?.query.get("sendUpdates")).toBe("none");
    expect(JSON.parse(String(api.requests[0]?.body))).toEqual({
      summary: "Review",
      start: { dateTime: event.start },
      end: { dateTime: event.end },
      description: "Of the plan",
      location: "Room 1",
      attendees: [{ email: "nora@example.test" }],
    });
  });

  it("mails the invitations where it shall", async () => {
    await calendar("google_calendar_create_event", { ...event, send_invitations: true });

    expect(api.requests[0]?.query.get("sendUpdates")).toBe("all");
  });

  it("makes whole days, and moments of a time zone", async () => {
    await calendar("google_calendar_create_event", {
      title: "Holiday",
      start: "2026-03-02",
      end: "2026-03-04",
    });
    await calendar("google_calendar_create_event", {
      ...event,
      start: "2026-03-02T10:00:00",
      end: "2026-03-02T11:00:00",
      time_zone: "Europe/Zurich",
    });

    const bodies = api.requests.map(({ body }) => JSON.parse(String(body)));
    expect(bodies[0]).toMatchObject({ start: { date: "2026-03-02" }, end: { date: "2026-03-04" } });
    expect(bodies[1].start).toEqual({ dateTime: "2026-03-02T10:00:00", timeZone: "Europe/Zurich" });
  });

  it.each([
    ["an end before its beginning", { end: "2026-03-02T09:00:00+01:00" }],
    ["an end at its beginning", { end: event.start }],
    [
      "an end before its beginning elsewhere",
      { end: "2026-03-02T09:30:00Z", start: "2026-03-02T10:00:00Z" },
    ],
    ["a whole day without an end", { start: "2026-03-02", end: "2026-03-02" }],
    ["a day and a moment", { start: "2026-03-02" }],
    ["a moment of no place", { start: "2026-03-02T10:00:00", end: "2026-03-02T11:00:00" }],
    ["a title of two lines", { title: "Review\nX" }],
  ])("refuses %s before anything is sent", async (_, change) => {
    await expect(
      calendar("google_calendar_create_event", { ...event, ...change }),
    ).rejects.toThrow();

    expect(api.requests).toEqual([]);
  });

  it("says that a calendar is not there", async () => {
    const error = await failureOf(
      calendar("google_calendar_create_event", { ...event, calendar_id: "nobody@example.test" }),
    );

    expect(error.code).toBe("provider_not_found");
  });

  it("says that a scope is missing", async () => {
    api.answerNext(
      googleError(
        403,
        "Request had insufficient authentication scopes.",
        "insufficientPermissions",
      ),
    );

    const error = await failureOf(calendar("google_calendar_create_event", event));

    expect(error.hint).toMatch(/lacks a scope/);
  });
});
