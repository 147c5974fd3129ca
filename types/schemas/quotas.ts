import { z } from "zod";
import { bigint, uuid } from "./scalars.ts";

/** A limit that is a whole number: null is without limit, 0 is none. */
const limit = z.int().min(0).nullable();

/**
 * An update of `organization_quotas` (permission `quotas.manage`); what is left out stays.
 * Reaching a limit is a PT429, whose hint says when to try again.
 */
export const organizationQuotasUpdate = z.strictObject({
  /** Requests that may write, and calls of edge functions, in one minute of the clock. */
  requests_per_minute_limit: limit.optional(),
  /** Jobs that wait or are worked on at the same time. */
  jobs_in_flight_limit: limit.optional(),
  storage_bytes_limit: limit.optional(),
  /** Rows in the tables that people fill. */
  rows_limit: limit.optional(),
  /** For calls of models in a calendar month (UTC). */
  monthly_model_cost_limit_usd: z.number().min(0).nullable().optional(),
});
/** An update of `organization_quotas`. */
export type OrganizationQuotasUpdate = z.infer<typeof organizationQuotasUpdate>;

/** `consume_request` (service role): counts one call of a function, or refuses it. */
export const consumeRequestInput = z.object({ p_organization_id: uuid });
/** Arguments of `consume_request`. */
export type ConsumeRequestInput = z.infer<typeof consumeRequestInput>;

/** `require_storage_room` (service role): refuses files that the organization has no room for. */
export const requireStorageRoomInput = z.object({
  p_organization_id: uuid,
  p_bytes: z.int().min(0),
});
/** Arguments of `require_storage_room`. */
export type RequireStorageRoomInput = z.infer<typeof requireStorageRoomInput>;

/** `organization_usage_by_day` (permission `quotas.read`): at most 400 days, by default 30. */
export const organizationUsageByDayInput = z.object({
  p_organization_id: uuid,
  p_from: z.iso.date().optional(),
  p_to: z.iso.date().optional(),
});
/** Arguments of `organization_usage_by_day`. */
export type OrganizationUsageByDayInput = z.infer<typeof organizationUsageByDayInput>;

/** What an organization used on one day (UTC). */
export const organizationUsageDay = z.object({
  day: z.iso.date(),
  request_count: bigint,
  model_call_count: bigint,
  model_cost_usd: z.coerce.number(),
  /** The most that a measurement found. */
  peak_jobs_in_flight: bigint,
  /** Null on days that were not measured, like `storage_bytes`. */
  row_count: bigint.nullable(),
  storage_bytes: bigint.nullable(),
});
/** What an organization used on one day (UTC). */
export type OrganizationUsageDay = z.infer<typeof organizationUsageDay>;
