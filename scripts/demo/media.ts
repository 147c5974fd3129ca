import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { MediaUploadUrlResult } from "../../types/schemas.ts";
import { invoke } from "./invoke.ts";
import type { Stage } from "./stage.ts";
import { unwrap } from "./unwrap.ts";

/** A medium of the demonstration. */
export interface DemoMedium {
  id: string;
  name: string;
}

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const pathOf = (name: string) => fileURLToPath(new URL(`files/${name}`, import.meta.url));

/** Uploads a PDF through a link, as a frontend does that wants to be told early what is wrong. */
export async function uploadHandbook(client: SupabaseClient, stage: Stage): Promise<DemoMedium> {
  const file = await fileAt(pathOf("staff-handbook.pdf"), "application/pdf");
  const { medium, upload } = await invoke<MediaUploadUrlResult>(client, "media-upload-url", {
    organization_id: stage.organization.id,
    file_name: file.name,
    file_type: file.type,
    file_size: file.size,
    display_name: "Staff Handbook",
  });
  unwrap(
    "upload the handbook",
    await client.storage.from(upload.bucket).uploadToSignedUrl(upload.path, upload.token, file),
  );
  unwrap(
    "have the handbook taken up",
    await client.rpc("confirm_media_upload", { p_media_id: medium.id }),
  );
  await assign(client, stage, medium.id);
  return { id: medium.id, name: medium.display_name };
}

/** Uploads a DOCX with nothing but supabase-js: the object, then its row. */
export async function uploadTravelPolicy(
  client: SupabaseClient,
  stage: Stage,
): Promise<DemoMedium> {
  const file = await fileAt(pathOf("travel-and-expenses.docx"), DOCX);
  const id = crypto.randomUUID();
  const path = `${stage.organization.id}/${id}/${file.name}`;
  unwrap(
    "upload the travel policy",
    await client.storage.from("media-library").upload(path, file, { contentType: file.type }),
  );
  const medium = unwrap(
    "add the travel policy to the library",
    await client
      .from("media_library")
      .insert({
        id,
        organization_id: stage.organization.id,
        file_name: file.name,
        file_type: file.type,
        file_size: file.size,
        display_name: "Travel and Expenses",
      })
      .select("id, display_name")
      .single(),
  );
  await assign(client, stage, medium.id);
  return { id: medium.id, name: medium.display_name };
}

async function fileAt(path: string, type: string): Promise<File> {
  return new File([await readFile(path)], basename(path), { type });
}

async function assign(client: SupabaseClient, stage: Stage, mediaId: string): Promise<void> {
  unwrap(
    "give the agent a medium",
    await client.rpc("assign_media_to_agent", {
      p_agent_id: stage.agent.id,
      p_media_id: mediaId,
      p_assignment_type: "reference",
    }),
  );
}
