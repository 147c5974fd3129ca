import type { Project } from "../config/project.ts";
import type { Database } from "../database/database.ts";
import type { Keys } from "../settings/keys.ts";
import { authenticatedDownload } from "./authenticated-download.ts";
import { withDatabaseErrors } from "./database-errors.ts";
import { FileStorage } from "./file-storage.ts";
import { LiteConnection } from "./lite-connection.ts";
import { manyLinks } from "./many-links.ts";
import { plainUpload } from "./plain-upload.ts";
import { describeRequest, requestContext } from "./request-context.ts";
import { withSignedLinks } from "./signed-links.ts";

/** REST, Auth and Storage in this process. */
export interface Api {
  fetch(request: Request): Promise<Response>;
  /** Reads tables and settings anew, as PostgREST does on `notify pgrst`. */
  reloadSchema(): Promise<void>;
}

/** Where the API is reached and where it keeps the objects of Storage. */
export interface ApiOptions {
  database: Database;
  project: Project;
  keys: Keys;
  url: string;
  storageDirectory: string;
}

/** Starts @supabase/lite over the database; the platform must be laid already. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { database, keys, project, url } = options;
  const { App, setExperimental } = await import("@supabase/lite");
  setExperimental("storage", true);

  const connection = new LiteConnection(database);
  await connection.prepare();
  const app = new App({
    connection: connection as never,
    api: { schemas: project.schemas, max_rows: project.maxRows, external_url: url },
    auth: {
      enabled: true,
      enable_signup: project.enableSignup,
      jwt_secret: keys.jwtSecret,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
      site_url: project.siteUrl,
      additional_redirect_urls: project.redirectUrls,
      jwt_expiry: project.jwtExpirySeconds,
      minimum_password_length: project.minimumPasswordLength,
      email: { enable_confirmations: project.enableConfirmations },
    },
    db: { migrations: { enabled: false } },
    storage: { enabled: true, file_size_limit: project.fileSizeLimit },
    studio: { enabled: false },
    options: { server: { disableStudio: true } },
  } as never);
  app._storageAdapter = new FileStorage(options.storageDirectory) as never;
  await app.init();

  return {
    fetch: async (request) => {
      const plain = authenticatedDownload(await plainUpload(request));
      const context = describeRequest(plain);
      const response = await requestContext.run(
        context,
        async () => (await manyLinks(plain, (one) => app.fetch(one))) ?? app.fetch(plain),
      );
      return withSignedLinks(request, await withDatabaseErrors(response, context.failure));
    },
    reloadSchema: async () => {
      await connection.prepare();
      await connection.clearSchemaCache();
    },
  };
}
