/**
 * supabase-js sends a Blob or File as a form whose file has no name; lite looks for one called
 * `file`. Such an upload goes on as its plain bytes, with the form's other fields as headers.
 */
export async function plainUpload(request: Request): Promise<Request> {
  const type = request.headers.get("content-type") ?? "";
  const { pathname } = new URL(request.url);
  const isUpload = pathname.startsWith("/storage/v1/object/") && type.startsWith("multipart/");
  if (!isUpload || !["POST", "PUT"].includes(request.method)) return request;

  const form = await request.formData();
  const file = [...form.values()].find((value) => typeof value !== "string");
  const headers = new Headers(request.headers);
  if (!file) {
    headers.delete("content-type");
    return new Request(request.url, { method: request.method, headers, body: form });
  }
  headers.set("content-type", file.type || "application/octet-stream");
  headers.set("content-length", String(file.size));
  const cacheControl = form.get("cacheControl");
  if (typeof cacheControl === "string") headers.set("cache-control", `max-age=${cacheControl}`);
  const metadata = form.get("metadata");
  if (typeof metadata === "string") {
    headers.set("x-metadata", Buffer.from(metadata).toString("base64"));
  }
  return new Request(request.url, {
    method: request.method,
    headers,
    body: file.stream(),
    duplex: "half",
  } as RequestInit);
}
