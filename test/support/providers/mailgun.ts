import { type ApiAnswer, startApi, type TestApi } from "./api-server.ts";

export const mailgunKey = "key-of-the-tests";

/** The fields of the last mail, in their order. */
export type MailgunFields = [name: string, value: string][];

/** Mailgun's messages: https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages */
export async function startMailgun(): Promise<TestApi & { fields(): MailgunFields }> {
  let fields: MailgunFields = [];
  const api = await startApi(async ({ method, path, headers, body }) => {
    const credential = Buffer.from(`api:${mailgunKey}`).toString("base64");
    if (headers.authorization !== `Basic ${credential}`) {
      return { status: 401, body: "Forbidden" };
    }
    if (method !== "POST" || path !== "/v3/mg.example.test/messages") {
      return { status: 404, json: { message: "Domain not found: example.test" } };
    }
    const type = headers["content-type"] ?? "";
    if (!type.startsWith("multipart/form-data; boundary=")) {
      return { status: 400, json: { message: "from parameter is missing" } };
    }
    const form = await new Response(new Uint8Array(body), {
      headers: { "content-type": type },
    }).formData();
    fields = [...form].map(([name, value]) => [name, String(value)]);
    return send(form);
  });
  return { ...api, fields: () => fields };
}

function send(form: FormData): ApiAnswer {
  for (const name of ["from", "to"]) {
    const value = String(form.get(name) ?? "");
    if (!/^(?:"(?:[^"\\]|\\.)*" <[^<>@\s]+@[^<>@\s]+>|[^<>@\s,]+@[^<>@\s,]+)$/.test(value)) {
      return { status: 400, json: { message: `${name} parameter is not a valid address.` } };
    }
  }
  if (!form.has("text") && !form.has("html")) {
    return { status: 400, json: { message: "Need at least one of 'text' or 'html' parameters" } };
  }
  return { json: { id: "<mg-1@mg.example.test>", message: "Queued. Thank you." } };
}
