import { z } from "zod";

/** Characters of an event's description that a list shows. */
const MOST_DESCRIPTION = 500;

const when = z.object({ date: z.string().optional(), dateTime: z.string().optional() });

/** An event, as far as it is used. */
export const event = z.object({
  id: z.string(),
  status: z.string().optional(),
  htmlLink: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  location: z.string().optional(),
  start: when.optional(),
  end: when.optional(),
  organizer: z.object({ email: z.string().optional() }).optional(),
  attendees: z
    .array(z.object({ email: z.string().optional(), responseStatus: z.string().optional() }))
    .default([]),
  recurringEventId: z.string().optional(),
});

/** What a model is shown of an event. */
export function eventSummary(one: z.infer<typeof event>) {
  const description = one.description ?? "";
  return {
    id: one.id,
    title: one.summary ?? null,
    start: one.start?.dateTime ?? one.start?.date ?? null,
    end: one.end?.dateTime ?? one.end?.date ?? null,
    location: one.location ?? null,
    description:
      description.length > MOST_DESCRIPTION
        ? `${description.slice(0, MOST_DESCRIPTION - 1)}…`
        : description || null,
    organizer: one.organizer?.email ?? null,
    attendees: one.attendees.map(({ email, responseStatus }) => ({
      email: email ?? null,
      response: responseStatus ?? null,
    })),
    status: one.status ?? null,
    repeats: one.recurringEventId !== undefined,
    link: one.htmlLink ?? null,
  };
}
