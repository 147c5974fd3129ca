import { Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** DigitalOcean's API (https://docs.digitalocean.com/reference/api) with these droplets. */
export async function startDigitalOcean(
  key: string,
  droplets: { id: number; name: string; tags?: string[] }[],
): Promise<TestApi> {
  const app = new Hono();
  app.get("/v2/droplets", (c) => {
    if (c.req.header("authorization") !== `Bearer ${key}`) {
      return c.json({ id: "unauthorized", message: "Unable to authenticate you" }, 401);
    }
    const { page = "1", per_page = "20", tag_name } = c.req.query();
    const all = droplets.filter(({ tags }) => !tag_name || tags?.includes(tag_name));
    const end = Number(page) * Number(per_page);
    const next = new URL(c.req.url);
    next.searchParams.set("page", String(Number(page) + 1));
    return c.json({
      droplets: all.slice(end - Number(per_page), end).map(({ id, name, tags = [] }) => ({
        id,
        name,
        tags,
        memory: 1024,
        vcpus: 1,
        disk: 25,
        locked: false,
        status: "active",
        created_at: "2026-11-01T00:00:00Z",
        size_slug: "s-1vcpu-1gb",
        image: { id: 1, name: "22.04 (LTS) x64", distribution: "Ubuntu", slug: "ubuntu-22-04-x64" },
        region: { name: "New York 3", slug: "nyc3", available: true },
        networks: {
          v4: [{ ip_address: "203.0.113.7", netmask: "255.255.240.0", type: "public" }],
          v6: [],
        },
      })),
      links: end < all.length ? { pages: { next: next.href, last: next.href } } : {},
      meta: { total: all.length },
    });
  });
  return serveProvider(app, "/v2");
}
