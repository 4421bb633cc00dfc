import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../errors.ts";
import { SimulationError } from "./simulation-error.ts";
import { simulate, type World } from "./simulate.ts";

const seeds = (count: number): number[] =>
  Array.from({ length: count }, (_, seed) => seed);

const failed = async (
  run: (world: World) => Promise<void>,
  options: { seed?: number; maxSteps?: number } = {},
): Promise<SimulationError> => {
  const error: unknown = await simulate({ seed: 1, ...options, run }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!SimulationError.is(error)) throw new Error("it did not fail");
  return error;
};

type Guard = (work: () => Promise<void>) => Promise<void>;
const unguarded = (): Guard => (work) => work();
const oneAfterTheOther = (): Guard => {
  let last = Promise.resolve();
  return (work) => (last = last.then(work));
};

/** Two withdrawals that read, think and write: the classic lost update. */
const withdrawals =
  (createGuard: () => Guard) =>
  async ({ pause }: World): Promise<void> => {
    const guard = createGuard();
    let balance = 100;
    const withdraw = async (name: string): Promise<void> => {
      const read = balance;
      await pause(`${name} read ${read}`);
      balance = read - 30;
    };
    await Promise.all(
      ["ann", "bob"].map(async (name) => {
        await pause(`${name} arrives`);
        await guard(() => withdraw(name));
      }),
    );
    if (balance !== 40) throw new Error(`balance is ${balance}`);
  };

const failingSeeds = async (
  run: (world: World) => Promise<void>,
): Promise<number[]> => {
  const found: number[] = [];
  for (const seed of seeds(50)) {
    try {
      await simulate({ seed, run });
    } catch (error) {
      if (!SimulationError.is(error)) throw error;
      found.push(seed);
    }
  }
  return found;
};

describe("simulate", () => {
  it("finds a lost update in some orders and not in others", async () => {
    const found = await failingSeeds(withdrawals(unguarded));
    expect(found.length).toBeGreaterThan(5);
    expect(found.length).toBeLessThan(45);
  });

  it("finds nothing once the update is guarded", async () => {
    expect(await failingSeeds(withdrawals(oneAfterTheOther))).toEqual([]);
  });

  it("replays a run byte for byte from its seed", async () => {
    const run = async (world: World): Promise<void> => {
      for (const name of ["a", "b", "c"]) {
        world.spawn(name, async () => {
          for (let round = 0; round < 20; round++) {
            await world.pause(`${name}${round}`);
            await world.clock.sleep(world.random() * 10);
            world.log(`${name} saw ${world.clock.now()}`);
          }
        });
      }
      await world.clock.sleep(1);
    };
    const traces: string[] = [];
    for (const seed of seeds(10)) {
      const first = await simulate({ seed, run });
      const again = await simulate({ seed, run });
      expect(again).toEqual(first);
      expect(first.seed).toBe(seed);
      traces.push(first.trace.join("\n"));
    }
    expect(new Set(traces).size).toBe(10);
  });

  it("replays a failure byte for byte from its seed", async () => {
    const [seed] = await failingSeeds(withdrawals(unguarded));
    const first = await failed(withdrawals(unguarded), { seed: seed! });
    const again = await failed(withdrawals(unguarded), { seed: seed! });
    expect(again.message).toBe(first.message);
    expect(again.trace).toEqual(first.trace);
  });

  it("gives the same trace on every machine", async () => {
    const { trace } = await simulate({
      seed: 7,
      run: async (world) => {
        for (const name of ["a", "b"])
          world.spawn(name, async () => {
            await world.clock.sleep(5);
            await world.pause(`${name} paused`);
          });
        await world.pause("start");
        world.log(`drew ${Math.floor(world.random() * 1_000)}`);
      },
    });
    expect(trace).toEqual([
      "0 start",
      "0 drew 508",
      "5 timer",
      "5 timer",
      "5 b paused",
      "5 a paused",
    ]);
  });

  it("tries every order of three pauses", async () => {
    const orders = new Set<string>();
    for (const seed of seeds(200)) {
      const { trace } = await simulate({
        seed,
        run: async ({ pause }) => {
          await Promise.all([pause("a"), pause("b"), pause("c")]);
        },
      });
      orders.add(trace.join());
    }
    expect(orders.size).toBe(6);
  });

  it("moves time to the next timer only when nothing else can run", async () => {
    const { trace } = await simulate({
      seed: 1,
      run: async (world) => {
        world.spawn("sleeper", async () => {
          await world.clock.sleep(1_000);
          world.log("woke");
        });
        for (let round = 0; round < 3; round++) await world.pause("busy");
      },
    });
    expect(trace).toEqual([
      "0 busy",
      "0 busy",
      "0 busy",
      "1000 timer",
      "1000 woke",
    ]);
  });

  it("moves both clocks together and honours a cancelled timer", async () => {
    await simulate({
      seed: 1,
      run: async ({ clock }) => {
        clock.schedule(5, () => {
          throw new Error("cancelled timers do not fire");
        })();
        await clock.sleep(10);
        expect([clock.now(), clock.wallNow()]).toEqual([10, 10]);
      },
    });
  });

  it("ends with its tasks and drops timers nobody waits for", async () => {
    const { trace } = await simulate({
      seed: 1,
      run: ({ clock }) => {
        clock.schedule(10, () => undefined);
        return Promise.resolve();
      },
    });
    expect(trace).toEqual([]);
  });

  it("says what failed, with the cause, the seed and the steps", async () => {
    const cause = new Error("bug");
    const error = await failed(
      async (world) => {
        world.spawn("worker", async () => {
          await world.clock.sleep(3);
          throw cause;
        });
        await world.clock.sleep(9);
      },
      { seed: 12 },
    );
    expect(error.message).toBe(
      "DP_SIMULATION: seed 12: the program failed (bug); the last 2 of 2 steps:\n  3 timer\n  3 worker failed",
    );
    expect(error).toMatchObject({
      seed: 12,
      trace: ["3 timer", "3 worker failed"],
      cause,
    });
  });

  it("fails with the first of two failures", async () => {
    const error = await failed(({ spawn }) => {
      spawn("worker", () => Promise.reject(new Error("second")));
      throw new Error("first");
    });
    expect(error.cause).toEqual(new Error("first"));
    expect(error.trace).toEqual(["0 run failed", "0 worker failed"]);
  });

  it("fails with what a task throws before its first await", async () => {
    const cause = new Error("at once");
    const error = await failed(() => {
      throw cause;
    });
    expect(error.cause).toBe(cause);
  });

  it("fails with what a timer's callback throws", async () => {
    const cause = new Error("in a callback");
    const error = await failed(async ({ clock }) => {
      clock.schedule(1, () => {
        throw cause;
      });
      await clock.sleep(2);
    });
    expect(error.cause).toBe(cause);
    expect(error.trace).toEqual(["1 timer", "1 timer failed"]);
  });

  it("finds a deadlock and names who stands still", async () => {
    const error = await failed(async (world) => {
      world.spawn("reader", () => new Promise(() => undefined));
      world.spawn("writer", () => new Promise(() => undefined));
      await world.pause("start");
    });
    expect(error.message).toMatch(
      /seed 1: stands still, unfinished: reader, writer;/,
    );
  });

  it("takes a wait without end for standing still", async () => {
    const error = await failed(({ clock }) => clock.sleep(Infinity));
    expect(error.message).toContain("stands still, unfinished: run;");
  });

  it("stops a program that never ends", async () => {
    const error = await failed(
      async ({ pause }) => {
        for (;;) await pause("again");
      },
      { maxSteps: 50 },
    );
    expect(error.message).toContain("still running after 50 steps");
    expect(error.trace).toHaveLength(50);
    expect(error.message).toContain("the last 20 of 50 steps:");
    expect(error.message.split("\n")).toHaveLength(21);
  });

  it("allows exactly the steps it was given", async () => {
    const run = async ({ pause }: World): Promise<void> => {
      for (let step = 0; step < 5; step++) await pause("step");
    };
    expect((await simulate({ seed: 1, run, maxSteps: 5 })).trace).toHaveLength(
      5,
    );
    expect((await failed(run, { maxSteps: 4 })).trace).toHaveLength(4);
  });

  it.each([{ seed: 0.5 }, { seed: NaN }, { seed: 1, maxSteps: 0 }])(
    "refuses %j",
    async (options) => {
      const run = (): Promise<void> => Promise.resolve();
      await expect(simulate({ ...options, run })).rejects.toThrow(
        InvalidOptionError,
      );
    },
  );
});
