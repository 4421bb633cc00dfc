/** Which packages a package may import. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  discovery: ["core"],
  breaker: ["core"],
  ratelimit: ["core"],
  saga: ["core"],
  console: [],
  gateway: ["core", "discovery", "breaker", "ratelimit", "console"],
};

/** Folders whose files are strategies, with the files that hold their ports and what these are described by. */
export const ports: Readonly<Record<string, readonly string[]>> = {
  trip: ["trip/trip"],
  backoff: ["backoff/backoff"],
  concurrency: ["concurrency/limit"],
  algorithms: ["algorithms/algorithm"],
  stores: ["stores/store"],
  registries: ["registry"],
  balancers: ["balancers/balancer"],
  health: ["health/check", "health/health-options"],
  middleware: ["middleware/middleware", "middleware/guard"],
};

/**
 * The floors of the two big packages from the top down, as patterns below `src/`; a file stands on the first floor
 * that names it. A file imports from its own floor and from those below. A file that no floor names may stand
 * anywhere, but is no staircase: what is below must not reach what is above through it either.
 */
export const floors: Readonly<Record<string, readonly string[]>> = {
  gateway: [
    "(cli/|index\\.ts$)",
    "gateway\\.ts$",
    "(admin/|listener\\.ts$|config/(?!types|resolved))",
    "generation\\.ts$",
    "proxy/",
    "(service\\.ts$|middleware/)",
    "(http1/|forwarding/|problem\\.ts$|access-log\\.ts$)",
    "(message\\.ts$|deadlines\\.ts$|routing/|errors\\.ts$)",
  ],
  saga: [
    "(cli/|index\\.ts$)",
    "orchestrator\\.ts$",
    "(runner|claimer)\\.ts$",
    "((decide|lease)\\.ts$|stores/(memory|sqlite|postgres)\\.ts$)",
    "((definition|journal)\\.ts$|stores/store\\.ts$)",
    "(step|errors)\\.ts$",
  ],
};
