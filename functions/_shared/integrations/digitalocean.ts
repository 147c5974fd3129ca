import { z } from "zod";
import { type Capability, defineCapability } from "./capability.ts";
import { keyApi } from "./key-api.ts";

const listDroplets = defineCapability({
  key: "digitalocean_list_droplets",
  input: z.strictObject({
    tag: z
      .string()
      .regex(/^[A-Za-z0-9:_-]{1,255}$/)
      .optional()
      .describe("Only droplets with this tag."),
    limit: z.int().min(1).max(200).default(50).describe("Most droplets in one answer."),
    page: z.int().min(1).max(10_000).default(1).describe("next_page, to read on."),
  }),
  async execute({ tag, limit, page }, context) {
    const api = keyApi("DigitalOcean", context, (key) => ({ authorization: `Bearer ${key}` }));
    const { droplets, links, meta } = await api.json(answer, {
      path: "droplets",
      query: { page, per_page: limit, tag_name: tag },
    });
    return {
      droplets: droplets.map(
        ({ region, image, networks, memory, disk, size_slug, ...droplet }) => ({
          ...droplet,
          region: region.slug,
          size: size_slug,
          memory_mb: memory,
          disk_gb: disk,
          image: `${image.distribution ?? ""} ${image.name ?? ""}`.trim(),
          addresses: [...networks.v4, ...(networks.v6 ?? [])].map(({ ip_address, type }) => ({
            address: ip_address,
            type,
          })),
        }),
      ),
      total: meta.total,
      next_page: links?.pages?.next ? page + 1 : null,
    };
  },
});

/** What agents can do at DigitalOcean. */
export const digitaloceanCapabilities: readonly Capability[] = [listDroplets];

const address = z.object({ ip_address: z.string(), type: z.string() });

const answer = z.object({
  droplets: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      status: z.string(),
      created_at: z.string(),
      vcpus: z.number(),
      memory: z.number(),
      disk: z.number(),
      size_slug: z.string(),
      tags: z.array(z.string()).default([]),
      region: z.object({ slug: z.string() }),
      image: z.object({ name: z.string().nullish(), distribution: z.string().nullish() }),
      networks: z.object({ v4: z.array(address).default([]), v6: z.array(address).nullish() }),
    }),
  ),
  links: z.object({ pages: z.object({ next: z.string().optional() }).optional() }).optional(),
  meta: z.object({ total: z.number() }),
});
