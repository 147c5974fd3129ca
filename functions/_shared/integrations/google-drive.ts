import { z } from "zod";
import { type CapabilityContext, defineCapability } from "./capability.ts";
import { bearerApi, type ProviderApi, pathOf } from "./provider-api.ts";
import { mayBeText, notText, readTextFile, refuseLargeFile } from "./text-file.ts";
import { offsetInput, textPage } from "./text-page.ts";

// Google Drive API v3: https://developers.google.com/workspace/drive/api/reference/rest/v3

/** Kinds of Google's own that have a text, and as what they are exported. */
const EXPORTS: Record<string, string> = {
  "application/vnd.google-apps.document": "text/plain",
  "application/vnd.google-apps.presentation": "text/plain",
  // Its first sheet.
  "application/vnd.google-apps.spreadsheet": "text/csv",
};

const SHORTCUT = "application/vnd.google-apps.shortcut";
const FOLDER = "application/vnd.google-apps.folder";

const file = z.object({
  id: z.string(),
  name: z.string(),
  mimeType: z.string(),
  /** Absent for Google's own kinds. */
  size: z.string().optional(),
  modifiedTime: z.string().optional(),
  webViewLink: z.string().optional(),
  shortcutDetails: z.object({ targetId: z.string() }).optional(),
});

const FIELDS = "id,name,mimeType,size,modifiedTime,webViewLink,shortcutDetails(targetId)";

const list = defineCapability({
  key: "google_drive_list_files",
  input: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("What the file's name contains; Drive matches the beginnings of words."),
    folder_id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('The id of the folder it lies in; "root" is the topmost.'),
    limit: z.int().min(1).max(100).default(25).describe("How many files at most."),
    page_token: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe("Where to read on, with the same input, as next_page_token said."),
  }),
  async execute({ name, folder_id, limit, page_token }, context) {
    const conditions = [
      "trashed = false",
      ...(name ? [`name contains ${quoted(name)}`] : []),
      ...(folder_id ? [`${quoted(folder_id)} in parents`] : []),
    ];
    const found = await drive(context).json(
      z.object({ files: z.array(file), nextPageToken: z.string().optional() }),
      {
        path: "files",
        query: {
          q: conditions.join(" and "),
          orderBy: "modifiedTime desc",
          pageSize: limit,
          pageToken: page_token,
          fields: `nextPageToken,files(${FIELDS})`,
          supportsAllDrives: true,
          includeItemsFromAllDrives: true,
        },
      },
    );
    return { files: found.files.map(summary), next_page_token: found.nextPageToken ?? null };
  },
});

const read = defineCapability({
  key: "google_drive_read_file",
  input: z.strictObject({
    file_id: z
      .string()
      .min(1)
      .max(200)
      .describe("The file's id, as google_drive_list_files gives it."),
    offset: offsetInput,
  }),
  async execute({ file_id, offset }, context) {
    const api = drive(context);
    const found = await describe(api, file_id);
    const target =
      found.mimeType === SHORTCUT && found.shortcutDetails
        ? await describe(api, found.shortcutDetails.targetId)
        : found;
    return { ...summary(target), ...textPage(await textOf(api, target), offset) };
  },
});

/** What agents can do with Google Drive. */
export const googleDriveCapabilities = [list, read];

function drive(context: CapabilityContext): ProviderApi {
  return bearerApi("Google Drive", context);
}

function describe(api: ProviderApi, id: string): Promise<z.infer<typeof file>> {
  return api.json(file, {
    path: pathOf`files/${id}`,
    query: { fields: FIELDS, supportsAllDrives: true },
  });
}

async function textOf(
  api: ProviderApi,
  { id, name, mimeType, size }: z.infer<typeof file>,
): Promise<string> {
  const headers = { accept: "*/*" };
  const exported = EXPORTS[mimeType];
  if (exported) {
    const query = { mimeType: exported };
    return readTextFile(name, await api.send({ path: pathOf`files/${id}/export`, query, headers }));
  }
  if (!mayBeText(mimeType)) {
    throw notText(name, mimeType === FOLDER ? "a folder" : mimeType);
  }
  refuseLargeFile(name, Number(size ?? 0));
  const query = { alt: "media", supportsAllDrives: true };
  return readTextFile(name, await api.send({ path: pathOf`files/${id}`, query, headers }));
}

function summary({ id, name, mimeType, size, modifiedTime, webViewLink }: z.infer<typeof file>) {
  return {
    id,
    name,
    type: mimeType === FOLDER ? "folder" : mimeType,
    size_bytes: size === undefined ? null : Number(size),
    modified_at: modifiedTime ?? null,
    link: webViewLink ?? null,
  };
}

/** A string of Drive's query language: in quotes, with those of its own escaped. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
