import { type ApiAnswer, type ApiRequest, startApi, type TestApi } from "./api-server.ts";
import { googleError, notFound, withGoogleToken } from "./google.ts";

type Json = Record<string, unknown>;

/** With an offset, as RFC 3339 and the API demand. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export const standup: Json = {
  kind: "calendar#event",
  id: "e1_20260302",
  status: "confirmed",
  htmlLink: "https://calendar.example.test/e1",
  summary: "Stand-up",
  description: "x".repeat(2_000),
  location: "Room 1",
  start: { dateTime: "2026-03-02T09:00:00+01:00", timeZone: "Europe/Zurich" },
  end: { dateTime: "2026-03-02T09:15:00+01:00", timeZone: "Europe/Zurich" },
  organizer: { email: "nora@example.test" },
  attendees: [{ email: "ada@example.test", responseStatus: "accepted" }],
  recurringEventId: "e1",
};

const holiday: Json = {
  id: "e2",
  summary: "Holiday",
  start: { date: "2026-03-03" },
  end: { date: "2026-03-04" },
};

/** Calendar's API as far as it is used: https://developers.google.com/workspace/calendar/api/v3/reference/events */
export function startGoogleCalendar(): Promise<TestApi> {
  return startApi(withGoogleToken(answer));
}

function answer(request: ApiRequest): ApiAnswer {
  const [, id] = /^\/calendar\/v3\/calendars\/([^/]+)\/events$/.exec(request.path) ?? [];
  if (
    id === undefined ||
    !["primary", "team@group.calendar.example.test"].includes(decodeURIComponent(id))
  ) {
    return notFound;
  }
  return request.method === "POST" ? insert(request) : list(request.query);
}

function list(query: URLSearchParams): ApiAnswer {
  if (query.get("orderBy") === "startTime" && query.get("singleEvents") !== "true") {
    return googleError(400, "The requested ordering is not available.", "badRequest");
  }
  for (const bound of [query.get("timeMin"), query.get("timeMax")]) {
    if (bound !== null && !MOMENT.test(bound)) {
      return googleError(400, "Bad Request", "badRequest");
    }
  }
  return {
    json: {
      kind: "calendar#events",
      timeZone: "Europe/Zurich",
      items: [standup, holiday],
      ...(query.has("pageToken") ? {} : { nextPageToken: "p2" }),
    },
  };
}

function insert({ headers, query, body }: ApiRequest): ApiAnswer {
  const event = JSON.parse(body.toString()) as Record<"start" | "end", Json | undefined> & Json;
  const { start, end } = event;
  const isValid = (when: Json | undefined) =>
    when !== undefined &&
    ("date" in when
      ? /^\d{4}-\d{2}-\d{2}$/.test(String(when.date)) && !("dateTime" in when)
      : MOMENT.test(String(when.dateTime)) || "timeZone" in when);
  if (headers["content-type"] !== "application/json" || !isValid(start) || !isValid(end)) {
    return googleError(400, "Missing end time.", "required");
  }
  if (!["all", "externalOnly", "none"].includes(query.get("sendUpdates") ?? "")) {
    return googleError(400, "Invalid sendUpdates", "invalidParameter");
  }
  return {
    json: {
      ...event,
      id: "new1",
      status: "confirmed",
      htmlLink: "https://calendar.example.test/new1",
    },
  };
}
