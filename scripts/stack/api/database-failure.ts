import { inspect } from "node:util";
import { CORRELATION_HEADER } from "../../../functions/_shared/http/correlation-id.ts";
import { requestContext } from "./request-context.ts";

/**
 * A database error on its way to the client: with the fields that PostgREST passes on, without
 * the statement and its parameters, which may be secrets and which lite would print.
 */
export class DatabaseFailure extends Error {
  override name = "DatabaseFailure";
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly severity?: string;
  readonly constraint?: string;
  readonly correlationId = requestContext.getStore()?.headers[CORRELATION_HEADER] ?? "-";

  constructor(error: Partial<DatabaseFailure>) {
    super(error.message);
    this.code = error.code;
    this.detail = error.detail;
    this.hint = error.hint;
    this.severity = error.severity;
    this.constraint = error.constraint;
  }

  /** lite prints every error that it answers; one line is enough for those. */
  [inspect.custom](): string {
    return `rest: ${this.correlationId} answered ${this.code}: ${this.message}`;
  }
}
