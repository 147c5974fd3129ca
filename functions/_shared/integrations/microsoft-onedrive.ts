import { z } from "zod";
import { type CapabilityContext, defineCapability } from "./capability.ts";
import { graphPageInput, graphPageQuery, graphPageToken } from "./graph-page.ts";
import { bearerApi, type ProviderApi, pathOf } from "./provider-api.ts";
import { ProviderError } from "./provider-error.ts";
import { mayBeText, notText, readTextFile, refuseLargeFile } from "./text-file.ts";
import { offsetInput, textPage } from "./text-page.ts";

// Microsoft Graph 1.0, files: https://learn.microsoft.com/graph/api/resources/onedrive

const item = z.object({
  id: z.string(),
  name: z.string(),
  size: z.number().nullish(),
  webUrl: z.string().nullish(),
  lastModifiedDateTime: z.string().nullish(),
  file: z.object({ mimeType: z.string().nullish() }).nullish(),
  folder: z.object({ childCount: z.number().nullish() }).nullish(),
});

const FIELDS = Object.keys(item.shape).join(",");

const list = defineCapability({
  key: "onedrive_list_files",
  input: z.strictObject({
    query: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("Words in the name or content; without it, all of the folder."),
    folder_id: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe("The id of the folder to list or search; otherwise the topmost."),
    limit: z.int().min(1).max(100).default(25).describe("How many files at most."),
    page_token: graphPageInput,
  }),
  async execute({ query, folder_id, limit, page_token }, context) {
    const folder = folder_id ? pathOf`me/drive/items/${folder_id}` : "me/drive/root";
    const found = await onedrive(context).json(
      z.object({ value: z.array(item), "@odata.nextLink": z.string().optional() }),
      {
        // A quote within the function's argument is written twice.
        path: query
          ? `${folder}/search(q='${encodeURIComponent(query).replaceAll("'", "''")}')`
          : `${folder}/children`,
        query: { $select: FIELDS, $top: limit, ...graphPageQuery(page_token) },
      },
    );
    return {
      files: found.value.map(summary),
      next_page_token: graphPageToken(found["@odata.nextLink"]),
    };
  },
});

const read = defineCapability({
  key: "onedrive_read_file",
  input: z.strictObject({
    file_id: z.string().min(1).max(300).describe("The file's id, as onedrive_list_files gives it."),
    offset: offsetInput,
  }),
  async execute({ file_id, offset }, context) {
    const api = onedrive(context);
    const file = await api.json(item, {
      path: pathOf`me/drive/items/${file_id}`,
      query: { $select: FIELDS },
    });
    if (!file.file) {
      throw new ProviderError("provider_unsupported", `"${file.name}" is a folder.`, {
        hint: "List it with onedrive_list_files.",
      });
    }
    const { mimeType } = file.file;
    if (!mayBeText(mimeType)) {
      throw notText(file.name, mimeType ?? "something else");
    }
    refuseLargeFile(file.name, file.size ?? 0);
    // Answers with a redirect to the place where the content lies, which takes no token.
    const content = await api.send({
      path: pathOf`me/drive/items/${file.id}/content`,
      headers: { accept: "*/*" },
    });
    return {
      ...summary(file),
      ...textPage(await readTextFile(file.name, content), offset),
    };
  },
});

/** What agents can do with OneDrive. */
export const onedriveCapabilities = [list, read];

function onedrive(context: CapabilityContext): ProviderApi {
  return bearerApi("OneDrive", context);
}

function summary(file: z.infer<typeof item>) {
  return {
    id: file.id,
    name: file.name,
    type: file.folder ? "folder" : (file.file?.mimeType ?? null),
    size_bytes: file.size ?? null,
    modified_at: file.lastModifiedDateTime ?? null,
    link: file.webUrl ?? null,
  };
}
