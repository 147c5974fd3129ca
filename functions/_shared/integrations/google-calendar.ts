import { z } from "zod";
import { type CapabilityContext, defineCapability } from "./capability.ts";
import { event, eventSummary } from "./google-calendar-event.ts";
import { emailAddress, singleLine } from "./mail-input.ts";
import { bearerApi, type ProviderApi, pathOf } from "./provider-api.ts";

// Google Calendar API v3: https://developers.google.com/workspace/calendar/api/v3/reference/events

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const HAS_OFFSET = /(Z|[+-]\d{2}:\d{2})$/;

const calendarId = z
  .string()
  .min(1)
  .max(254)
  .default("primary")
  .describe("The calendar's id, often an address; \"primary\" is one's own.");

/** RFC 3339, as the API asks for. */
const moment = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)
  .refine((text) => !Number.isNaN(Date.parse(text)), "No such moment");

/** A day, or a moment with an offset or without. */
const dayOrMoment = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?$/)
  .refine((text) => !Number.isNaN(Date.parse(text)), "No such day or moment");

const list = defineCapability({
  key: "google_calendar_list_events",
  input: z.strictObject({
    calendar_id: calendarId,
    from: moment
      .optional()
      .describe("Those that end after this moment, such as 2026-03-01T00:00:00+01:00."),
    to: moment.optional().describe("Events that begin before this moment."),
    query: z.string().min(1).max(500).optional().describe("Words in the event."),
    limit: z.int().min(1).max(100).default(25).describe("How many events at most."),
    page_token: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe("Where to read on, with the same input, as next_page_token said."),
  }),
  async execute({ calendar_id, to, query, limit, page_token, ...input }, context) {
    const from = input.from ?? new Date().toISOString();
    const found = await calendar(context).json(
      z.object({
        timeZone: z.string().optional(),
        items: z.array(event).default([]),
        nextPageToken: z.string().optional(),
      }),
      {
        path: pathOf`calendars/${calendar_id}/events`,
        query: {
          // Each time of a repeated event on its own; only so can they be in order.
          singleEvents: true,
          orderBy: "startTime",
          timeMin: from,
          timeMax: to,
          q: query,
          maxResults: limit,
          pageToken: page_token,
        },
      },
    );
    return {
      // Where a list goes on, it has to begin as before.
      from,
      events: found.items.map(eventSummary),
      time_zone: found.timeZone ?? null,
      next_page_token: found.nextPageToken ?? null,
    };
  },
});

const create = defineCapability({
  key: "google_calendar_create_event",
  input: z
    .strictObject({
      calendar_id: calendarId,
      title: singleLine.min(1).max(500).describe("What the event is called."),
      start: dayOrMoment.describe(
        "When it begins: 2026-03-01T09:00:00+01:00, or a day: 2026-03-01.",
      ),
      end: dayOrMoment.describe("When it ends, or the day after the last one."),
      time_zone: z
        .string()
        .max(60)
        .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/)
        .optional()
        .describe("As Europe/Zurich; needed for moments without an offset."),
      description: z.string().min(1).max(8_000).optional().describe("What it is about."),
      location: singleLine.min(1).max(500).optional().describe("Where it takes place."),
      attendees: z.array(emailAddress).max(100).optional().describe("Who is invited."),
      send_invitations: z
        .boolean()
        .default(false)
        .describe("Whether Google mails the invitations to those who are invited."),
    })
    .refine(({ start, end }) => DATE.test(start) === DATE.test(end), {
      path: ["end"],
      error: "start and end are either both days or both moments",
    })
    .refine(({ start, end }) => Date.parse(end) > Date.parse(start) || !isComparable(start, end), {
      path: ["end"],
      error: "The event must end after it begins; a whole day ends on the next day",
    })
    .refine(
      ({ start, end, time_zone }) =>
        time_zone !== undefined ||
        [start, end].every((text) => DATE.test(text) || HAS_OFFSET.test(text)),
      { path: ["time_zone"], error: "Moments without an offset need a time zone" },
    ),
  async execute(input, context) {
    const created = await calendar(context).json(event, {
      method: "POST",
      path: pathOf`calendars/${input.calendar_id}/events`,
      query: { sendUpdates: input.send_invitations ? "all" : "none" },
      json: {
        summary: input.title,
        start: moments(input.start, input.time_zone),
        end: moments(input.end, input.time_zone),
        ...(input.description ? { description: input.description } : {}),
        ...(input.location ? { location: input.location } : {}),
        ...(input.attendees ? { attendees: input.attendees.map((email) => ({ email })) } : {}),
      },
    });
    return { created: true, ...eventSummary(created) };
  },
});

/** What agents can do with Google Calendar. */
export const googleCalendarCapabilities = [list, create];

function calendar(context: CapabilityContext): ProviderApi {
  return bearerApi("Google Calendar", context);
}

/** Whether two moments are counted from the same place. */
function isComparable(start: string, end: string): boolean {
  return DATE.test(start) || HAS_OFFSET.test(start) === HAS_OFFSET.test(end);
}

function moments(text: string, timeZone: string | undefined) {
  if (DATE.test(text)) {
    return { date: text };
  }
  return { dateTime: text, ...(timeZone ? { timeZone } : {}) };
}
