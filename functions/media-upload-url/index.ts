/** media-upload-url: a user announces a file, and gets a medium and a link to upload it to. */
import { mediaUploadUrlBody } from "../../types/schemas.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { handleMediaUploadUrl } from "./handler.ts";
import { uploadSigner } from "./sign-upload.ts";

export default {
  fetch: serve(
    { name: "media-upload-url", auth: "user" },
    denoPlatform(),
    async (request, call) => {
      const body = await jsonBody(request, mediaUploadUrlBody, 50_000);

      return Response.json(
        await handleMediaUploadUrl(body, {
          rpc: clientRpc(call.client, "user"),
          signUpload: uploadSigner(call.client),
          log: call.log,
        }),
      );
    },
  ),
};
