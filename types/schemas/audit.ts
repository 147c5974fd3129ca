import { z } from "zod";
import { uuid } from "./scalars.ts";

/** `verify_audit_chain`: needs `audit.read` and `audit.export`. */
export const verifyAuditChainInput = z.object({ p_organization_id: uuid });
export type VerifyAuditChainInput = z.infer<typeof verifyAuditChainInput>;
