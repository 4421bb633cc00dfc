/** What can be made to go wrong in a service while it runs, by `POST /_chaos`. */
export interface Chaos {
  /** Added to every answer, in ms. */
  readonly latencyMs: number;
  /** The share of requests answered with 503 and nothing done, 0 to 1. */
  readonly errorRate: number;
  /** The share of calls that change something which are done and never answered: the connection is cut. */
  readonly loseAnswers: number;
  /** Ends the process like `kill -9` where this step of an order would begin; empty for none. Orders only. */
  readonly crashAt: string;
}

export const noChaos: Chaos = {
  latencyMs: 0,
  errorRate: 0,
  loseAnswers: 0,
  crashAt: "",
};

/** What `POST /_chaos` takes: what is left out stays. `crash` ends the process like `kill -9`, after the answer. */
export type ChaosOrder = Partial<Chaos> & { readonly crash?: boolean };

const switches = [...Object.keys(noChaos), "crash"].join(", ");

/** The order as given, or what is wrong with it. */
export const parseChaos = (body: string): ChaosOrder | string => {
  let order: unknown;
  try {
    order = JSON.parse(body);
  } catch {
    return `send JSON: { ${switches} }`;
  }
  if (typeof order !== "object" || order === null || Array.isArray(order))
    return `send an object: { ${switches} }`;
  for (const [name, value] of Object.entries(order)) {
    const problem = problemOf(name, value);
    if (problem !== undefined) return problem;
  }
  return order;
};

const problemOf = (name: string, value: unknown): string | undefined => {
  const number = typeof value === "number" ? value : NaN;
  switch (name) {
    case "latencyMs":
      return number >= 0 && number <= 60_000
        ? undefined
        : "latencyMs must be 0 to 60000";
    case "errorRate":
    case "loseAnswers":
      return number >= 0 && number <= 1 ? undefined : `${name} must be 0 to 1`;
    case "crashAt":
      return typeof value === "string"
        ? undefined
        : "crashAt must be the name of a step, or empty";
    case "crash":
      return typeof value === "boolean"
        ? undefined
        : "crash must be true or false";
    default:
      return `there is no switch ${name}: ${switches}`;
  }
};
