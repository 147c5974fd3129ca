import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/** What is known of a stored object beside its bytes. */
interface Metadata {
  cacheControl: string;
  contentLength: number;
  size: number;
  mimetype: string;
  lastModified: Date;
  eTag: string;
}

type Body = ReadableStream | NodeReadableStream | Uint8Array;

/**
 * Keeps the objects of Storage as files. A file is named by the hash of its key, so no key leaves
 * the folder, is too long for it, or is a file and a folder at once.
 */
export class FileStorage {
  readonly driver = null;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async getObject(bucket: string, key: string) {
    const metadata = await this.headObject(bucket, key);
    const body = Readable.toWeb(createReadStream(this.#path(bucket, key)));
    return { metadata, httpStatusCode: 200, body: body as unknown as ReadableStream };
  }

  async uploadObject(
    bucket: string,
    key: string,
    _version: string | undefined,
    body: Body,
    contentType: string,
    cacheControl: string,
  ): Promise<Metadata> {
    const path = this.#path(bucket, key);
    const partial = `${path}.${crypto.randomUUID()}`;
    await mkdir(dirname(path), { recursive: true });
    const hash = createHash("md5");
    const source =
      body instanceof Uint8Array ? Readable.from([body]) : Readable.fromWeb(body as never);
    try {
      await pipeline(
        source,
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(partial),
      );
      const note = { contentType, cacheControl, eTag: `"${hash.digest("hex")}"` };
      await writeFile(`${path}.json`, JSON.stringify(note));
      await rename(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
    return this.headObject(bucket, key);
  }

  async headObject(bucket: string, key: string): Promise<Metadata> {
    const path = this.#path(bucket, key);
    const [{ size, mtime }, note] = await Promise.all([
      stat(path),
      readFile(`${path}.json`, "utf8").then(JSON.parse),
    ]);
    return {
      cacheControl: note.cacheControl,
      contentLength: size,
      size,
      mimetype: note.contentType,
      lastModified: mtime,
      eTag: note.eTag,
    };
  }

  async deleteObject(bucket: string, key: string): Promise<void> {
    const path = this.#path(bucket, key);
    await Promise.all([rm(path, { force: true }), rm(`${path}.json`, { force: true })]);
  }

  async deleteObjects(bucket: string, keys: string[]): Promise<void> {
    for (const key of keys) await this.deleteObject(bucket, key);
  }

  async copyObject(
    sourceBucket: string,
    sourceKey: string,
    _sourceVersion: string | undefined,
    bucket: string,
    key: string,
  ) {
    const from = this.#path(sourceBucket, sourceKey);
    const to = this.#path(bucket, key);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(`${from}.json`, `${to}.json`);
    await copyFile(from, to);
    const { eTag, lastModified } = await this.headObject(bucket, key);
    return { httpStatusCode: 200, eTag, lastModified };
  }

  async privateAssetUrl(bucket: string, key: string): Promise<string> {
    return `file://${this.#path(bucket, key)}`;
  }

  #path(bucket: string, key: string): string {
    const name = createHash("sha256").update(`${bucket}/${key}`).digest("hex");
    return join(this.#directory, name.slice(0, 2), name);
  }
}
