import { extname } from "node:path";
import {
  InvalidOptionError,
  requireDuration,
  requireOneOf,
  requireText,
  systemClock,
  systemRandom,
  type Duration,
  type MetricSource,
} from "@dp/core";
import type { Metadata } from "../instance.ts";
import type { Registry } from "../registry.ts";
import { Failures } from "../remote/failures.ts";
import { Feeds } from "../remote/feeds.ts";
import { readOnlyRegistry } from "../remote/read-only-registry.ts";
import type { RegistryOptions } from "../remote/registry-options.ts";
import { FileSource } from "./file/file-source.ts";

export interface FileRegistryOptions extends RegistryOptions {
  /** @defaultValue by the extension: `.json`, `.yaml` or `.yml` */
  readonly format?: "json" | "yaml" | undefined;
  /**
   * The longest a change stays unseen that the system does not tell of, up to a fifth less by chance; at least 1 ms.
   * @defaultValue 5s
   */
  readonly interval?: Duration | undefined;
}

const formats: Readonly<Record<string, "json" | "yaml">> = {
  ".json": "json",
  ".yaml": "yaml",
  ".yml": "yaml",
};

const formatOf = (path: string): "json" | "yaml" => {
  const format = formats[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new InvalidOptionError(
    "path",
    path,
    "a path that ends in .json, .yaml or .yml, or format must be given",
  );
};

/**
 * Finds instances in a file that somebody else writes, as
 * `{ "services": { "users": [{ "host": "10.0.0.1", "port": 8080 }, "10.0.0.2:8080"] } }`; an instance may also have
 * `id`, `weight`, `priority`, `zone`, `metadata` and `state`. YAML needs the optional peer `yaml`.
 *
 * Changes are heard of from the file's folder, so replaced files and swapped links count, and looked for every
 * `interval` besides. A file that is missing, empty, half written, or wrong in any part makes every watch `stale` with
 * the last good state kept, and `DP_BAD_FILE` says where and why; a service it no longer lists has left. Replace the
 * file by a rename, and nobody ever sees half of it.
 *
 * `register` rejects with `DP_READ_ONLY`. While a service is watched costs one timer, one watch of a folder and a
 * reading of the file an interval, however many services are watched. Throws `InvalidOptionError`.
 */
export const fileRegistry = <M = Metadata>(
  path: string,
  options: FileRegistryOptions = {},
): Registry<M> & MetricSource => {
  const { clock = systemClock, random = systemRandom } = options;
  requireText("path", path);
  const failures = new Failures(options.onError);
  const source = new FileSource<M>({
    path,
    format:
      options.format === undefined
        ? formatOf(path)
        : requireOneOf("format", options.format, ["json", "yaml"]),
    intervalMs: requireDuration("interval", options.interval ?? "5s", 1),
    clock,
    random,
    failures,
  });
  return readOnlyRegistry(
    {
      kind: "file",
      name: requireText("name", options.name ?? "file"),
      refusal:
        "a file has no leases, so whoever died would stay in it; let its owner write it",
      push: true,
      feeds: new Feeds(clock, random, source.follow.bind(source)),
      failures,
      requireName: (service) => void requireText("service", service),
      list: async (service) => {
        const listed = (await source.services()).get(service);
        return listed === undefined ? [] : [...listed.values()];
      },
      services: async () =>
        [...(await source.services())]
          .filter(([, instances]) => instances.size > 0)
          .map(([service]) => service),
      effort: {
        metric: "dp_discovery_file_reads_total",
        help: "Looks at the file.",
        count: () => source.looks,
      },
    },
    new AbortController(),
  );
};
