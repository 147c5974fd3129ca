import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { digitaloceanCapabilities } from "../../../functions/_shared/integrations/digitalocean.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { startDigitalOcean } from "../../support/providers/digitalocean.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

const api_key = "dop_v1_the_key";
let digitalocean: TestApi;

beforeAll(async () => {
  digitalocean = await startDigitalOcean(api_key, [
    { id: 1, name: "web", tags: ["prod"] },
    { id: 2, name: "db", tags: ["prod"] },
    { id: 3, name: "try" },
  ]);
});
beforeEach(() => digitalocean.forget());
afterAll(() => digitalocean.close());

const ask = (input: unknown, credential: Record<string, unknown> = { api_key }) =>
  call(
    digitaloceanCapabilities,
    "digitalocean_list_droplets",
    input,
    contextFor(digitalocean.url, { credential }),
  );

describe("digitalocean_list_droplets", () => {
  it("lists droplets page by page", async () => {
    const first = await ask({ limit: 2 });
    const second = await ask({ limit: 2, page: 2 });

    expect(first).toMatchObject({ total: 3, next_page: 2 });
    expect(second).toEqual({
      droplets: [
        {
          id: 3,
          name: "try",
          status: "active",
          created_at: "2026-11-01T00:00:00Z",
          vcpus: 1,
          tags: [],
          region: "nyc3",
          size: "s-1vcpu-1gb",
          memory_mb: 1024,
          disk_gb: 25,
          image: "Ubuntu 22.04 (LTS) x64",
          addresses: [{ address: "203.0.113.7", type: "public" }],
        },
      ],
      total: 3,
      next_page: null,
    });
  });

  it("lists those with a tag", async () => {
    expect(await ask({ tag: "prod" })).toMatchObject({
      droplets: [{ name: "web" }, { name: "db" }],
    });
  });

  it("asks for a renewal when the key is refused", async () => {
    const failure = await failureOf(ask({}, { api_key: "dop_v1_gone" }));

    expect(failure).toMatchObject({
      code: "provider_unauthorized",
      message: expect.stringContaining("Unable to authenticate you"),
    });
  });
});
