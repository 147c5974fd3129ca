import { z } from "zod";
import { timestamp, uuid } from "./scalars.ts";

/** How large a medium may be, in bytes. */
export const MAX_MEDIUM_BYTES = 52_428_800;

/** How far a medium has come. */
export const processingStatus = z.enum([
  "uploaded",
  "processing",
  "completed",
  "failed",
  "archived",
]);
export type ProcessingStatus = z.infer<typeof processingStatus>;

/** What an agent uses a medium for. */
export const assignmentType = z.enum(["training", "reference", "context", "sop", "knowledge_base"]);
export type AssignmentType = z.infer<typeof assignmentType>;

/** `organization`: for all who hold `knowledge.read`; `personal`: for its owner alone. */
export const mediumVisibility = z.enum(["organization", "personal"]);

const checksum = z.string().regex(/^[0-9a-fA-F]{64}$/);
const tags = z.array(z.string().min(1)).max(50);
const fileSize = z.int().min(0);

/** A medium: a row of `media_library`. */
export const medium = z.object({
  id: uuid,
  organization_id: uuid,
  user_id: uuid.nullable(),
  file_name: z.string(),
  display_name: z.string(),
  file_type: z.string(),
  /** In bytes. */
  file_size: z.int(),
  storage_path: z.string(),
  bucket: z.literal("media-library"),
  category: z.string().nullable(),
  description: z.string().nullable(),
  tags: z.array(z.string()),
  visibility: mediumVisibility,
  /** SHA-256 in hex. */
  checksum: z.string().nullable(),
  duplicate_of_media_id: uuid.nullable(),
  object_version: z.string().nullable(),
  /** When the object that is there arrived. */
  uploaded_at: timestamp.nullable(),
  /** Until when an object is waited for. */
  upload_expires_at: timestamp.nullable(),
  processing_status: processingStatus,
  processing_percent: z.int().min(0).max(100),
  /** Why it failed, in a sentence. */
  processing_error: z.string().nullable(),
  processed_at: timestamp.nullable(),
  /** The generation of chunks that agents read; 0 while there is none. */
  generation: z.int(),
  chunk_count: z.int(),
  page_count: z.int().nullable(),
  language: z.string().nullable(),
  embedding_model: z.string().nullable(),
  embedding_dimensions: z.int().nullable(),
  assigned_agents_count: z.int(),
  file_url: z.string(),
  is_archived: z.boolean(),
  archived_at: timestamp.nullable(),
  status_before_archive: processingStatus.nullable(),
  created_at: timestamp,
  updated_at: timestamp,
});
export type Medium = z.infer<typeof medium>;

/** RPCs about one medium: `archive_media`, `restore_media`, `confirm_media_upload`. */
export const mediumInput = z.object({ p_media_id: uuid });
export type MediumInput = z.infer<typeof mediumInput>;

/** `create_media_upload`: the row of a medium that is about to be uploaded. */
export const createMediaUploadInput = z.object({
  p_file_name: z.string().min(1),
  p_file_type: z.string(),
  p_file_size: fileSize,
  p_organization_id: uuid.nullish(),
  p_checksum: checksum.nullish(),
  p_display_name: z.string().max(200).nullish(),
  p_category: z.string().min(1).max(100).nullish(),
  p_description: z.string().max(5000).nullish(),
  p_tags: tags.nullish(),
  p_visibility: mediumVisibility.nullish(),
  p_media_id: uuid.nullish(),
  p_allow_duplicate: z.boolean().optional(),
});
export type CreateMediaUploadInput = z.infer<typeof createMediaUploadInput>;

/** `assign_media_to_agent`. */
export const assignMediaToAgentInput = z.object({
  p_agent_id: uuid,
  p_media_id: uuid,
  p_assignment_type: assignmentType.optional(),
});
export type AssignMediaToAgentInput = z.infer<typeof assignMediaToAgentInput>;

/** `unassign_media_from_agent`; answers whether the agent had it. */
export const unassignMediaFromAgentInput = z.object({ p_agent_id: uuid, p_media_id: uuid });
export type UnassignMediaFromAgentInput = z.infer<typeof unassignMediaFromAgentInput>;

/** What `media-upload-url` is asked. */
export const mediaUploadUrlBody = z.object({
  /** Null is the organization that the caller works in. */
  organization_id: uuid.nullish(),
  file_name: z.string().min(1).max(1000),
  /** The media type; empty or `application/octet-stream` is told by the name. */
  file_type: z.string().max(200).default(""),
  /** In bytes. */
  file_size: fileSize,
  /** SHA-256 of the file in hex: a file that is there already is refused before it is sent. */
  checksum: checksum.nullish(),
  display_name: z.string().max(200).nullish(),
  category: z.string().min(1).max(100).nullish(),
  description: z.string().max(5000).nullish(),
  tags: tags.nullish(),
  visibility: mediumVisibility.nullish(),
  /** The medium that gets a new version. */
  media_id: uuid.nullish(),
  allow_duplicate: z.boolean().default(false),
});
export type MediaUploadUrlBody = z.infer<typeof mediaUploadUrlBody>;

/** What it answers: the row, and where the file goes: `uploadToSignedUrl(path, token, file)`. */
export const mediaUploadUrlResult = z.object({
  medium,
  upload: z.object({
    bucket: z.literal("media-library"),
    path: z.string(),
    token: z.string(),
    url: z.string(),
  }),
});
export type MediaUploadUrlResult = z.infer<typeof mediaUploadUrlResult>;
