import { fork } from "node:child_process";

/** What one turn measured, by name. */
export type Figures = Readonly<Record<string, number>>;

/** Measures once more. */
export type Turn = () => Promise<Figures>;

/** What measures one contestant, a turn at a time. */
export interface Measurer {
  readonly turn: Turn;
  stop(): void;
}

/** Figures by name, one for each round. */
export type Series = Readonly<Record<string, readonly number[]>>;

/**
 * A measurer in a process of its own, `<script> <words>`, so that none is compiled for what another one did. The
 * script hands its turn to {@link serveTurns}.
 */
export const startMeasurer = async (
  script: string,
  ...words: readonly string[]
): Promise<Measurer> => {
  // As JSON a figure that is no number would become none at all.
  const child = fork(script, words, { serialization: "advanced" });
  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const fail = (code: number | null): void =>
        reject(new Error(`${script} ${words.join(" ")} ended: ${code}`));
      child.once("exit", fail);
      child.once("message", (message) => {
        child.off("exit", fail);
        resolve(message);
      });
    });
  // It is ready when it says so.
  await next();
  return {
    turn: () => {
      const figures = next() as Promise<Figures>;
      child.send("turn");
      return figures;
    },
    stop: () => child.disconnect(),
  };
};

/** In a measurer's process: says that it is ready, and measures once whenever it is told to. */
export const serveTurns = (turn: Turn): void => {
  if (process.send === undefined) throw new Error("not forked by a benchmark");
  process.on("message", () => {
    void turn().then((figures) => process.send?.(figures));
  });
  // Some contestants leave timers behind.
  process.on("disconnect", () => process.exit());
  process.send("ready");
};

/** One turn of a measurer of its own. */
export const measureOnce = async (
  script: string,
  ...words: readonly string[]
): Promise<Figures> => {
  const measurer = await startMeasurer(script, ...words);
  try {
    return await measurer.turn();
  } finally {
    measurer.stop();
  }
};

/** Lets all have a turn in every round, so that a busy moment of the machine hits all of them alike. */
export const takeTurns = async (
  measurers: readonly Measurer[],
  rounds: number,
): Promise<Series[]> => {
  const taken = measurers.map((): Record<string, number[]> => ({}));
  for (let round = 0; round < rounds; round++)
    for (const [index, { turn }] of measurers.entries())
      for (const [name, figure] of Object.entries(await turn()))
        ((taken[index] ??= {})[name] ??= []).push(figure);
  return taken;
};
