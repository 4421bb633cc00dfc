import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dispatch } from "./dispatch.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-breaker-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

const say = async (
  args: readonly string[],
  { input = "", isWatched = false } = {},
): Promise<Said> => {
  let out = "";
  let error = "";
  const code = await dispatch(args, {
    out: (text) => void (out += text),
    error: (text) => void (error += text),
    // eslint-disable-next-line @typescript-eslint/require-await -- a stream of one piece
    input: async function* () {
      yield input;
    },
    isWatched,
  });
  return { code, out, error };
};

const call = (atMs: number, outcome: string, durationMs = 20): string =>
  JSON.stringify({ atMs, durationMs, outcome });

/** Two minutes of a call a second; twenty seconds of an outage. */
const log = (startMs = 0): string =>
  Array.from({ length: 120 }, (_, second) =>
    call(
      startMs + second * 1_000,
      second >= 60 && second < 80 ? "failure" : "success",
    ),
  ).join("\n");

const config = JSON.stringify([
  { name: "quick", trip: { consecutive: 3 }, openFor: "10s", probes: 1 },
  { name: "late", trip: { consecutive: 30 } },
]);

describe("dp-breaker replay", () => {
  it("prints what each configuration would have done", async () => {
    const said = await say([
      "replay",
      write("calls.ndjson", log(Date.UTC(2026, 10, 27, 15))),
      "--config",
      write("both.json", config),
    ]);
    expect(said).toEqual({
      code: 0,
      error: "",
      out: `120 calls in 1 min 59 s from 2026-11-27T15:00:00.000Z to 2026-11-27T15:01:59.020Z, 20 failed (16.7 %)

  configuration  opened  open for  let through  and failed  refused rightly  refused wrongly
  quick               1      20 s          100           4        16 (80 %)          4 (4 %)
  late                0      0 ms          120          20          0 (0 %)          0 (0 %)

refused rightly: of the calls that failed in the log; wrongly: of those that succeeded

quick would have opened once
  opened                    closed after  reopened  refused rightly  refused wrongly  why
  2026-11-27T15:01:02.020Z  22 s                 1               16                4  3 of 3 calls failed, which reaches 3 failures in a row; open for 10000 ms

late would never have opened

Judged by the log as it was recorded: it cannot tell how the service would have recovered with fewer calls.
`,
    });
  });

  it("reads standard input, joins configuration files, names what has no name after its file, prints JSON and draws", async () => {
    const svg = join(folder, "states.svg");
    const { code, out } = await say(
      [
        ...["replay", "-", "--json", "--svg", svg],
        ...["--config", write("shop.json", "{}")],
        ...["--config", write("more.json", '{"configurations":[{},{}]}')],
      ],
      { input: log() },
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      calls: 120,
      configurations: [
        { name: "shop" },
        { name: "more 1" },
        { name: "more 2" },
      ],
    });
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it("prints the first 20 openings of a breaker that flaps, and what a name hides", async () => {
    const { out } = await say(
      [
        ...["replay", "-", "--config"],
        write(
          "flaps.json",
          '{"name":"a\\u001b[2Jb","trip":{"consecutive":1},"openFor":0,"probes":1}',
        ),
      ],
      {
        input: Array.from({ length: 60 }, (_, index) =>
          call(index * 1_000, index % 2 === 0 ? "failure" : "success"),
        ).join("\n"),
      },
    );
    expect(out).toContain("a\ufffd[2Jb would have opened 30 times");
    expect(out.match(/which reaches/g)).toHaveLength(20);
    expect(out).toContain("  … and 10 more\n");
  });

  it("tells how far it is to who watches", async () => {
    const file = write("one.json", "{}");
    const input = `${call(0, "success")}\n`.repeat(120_000);
    const args = ["replay", "-", "--config", file];
    const watched = await say(args, { input, isWatched: true });
    expect(watched.error).toBe("\r100000 lines read\r\u001b[K");
    const alone = await say(args, { input });
    expect(alone).toEqual({ ...watched, error: "" });
  });

  it.each([
    ["standard input: the log is empty: it has no call", "", "{}"],
    [
      'standard input: line 2: must be a JSON object like {"atMs":0,"durationMs":12,"outcome":"success"}, got "oops"',
      `${call(0, "success")}\noops`,
      "{}",
    ],
    [
      "bad.json: trip.windw must be named as one of failureRate, ",
      call(0, "success"),
      '{"trip":{"windw":1}}',
    ],
    ["bad.json: is no JSON: ", call(0, "success"), "{"],
  ])(
    "ends with 2 and a message without a stack trace: %s",
    async (message, input, text) => {
      const args = ["replay", "-", "--config", write("bad.json", text)];
      const { code, out, error } = await say(args, { input });
      expect([code, out]).toEqual([2, ""]);
      expect(error).toMatch(/^dp-breaker: [^\n]*\n$/);
      expect(error).toContain(message);
    },
  );

  it("says which file it cannot read or write", async () => {
    const file = write("good.json", "{}");
    const missing = join(folder, "missing");
    for (const args of [
      ["replay", missing, "--config", file],
      ["replay", "-", "--config", missing],
      ["replay", "-", "--config", file, "--svg", join(missing, "a.svg")],
    ]) {
      const { code, error } = await say(args, { input: log() });
      expect(code).toBe(2);
      expect(error).toMatch(/^dp-breaker: .*missing.*: ENOENT: .*\n$/);
    }
  });

  it("reads files with byte order marks, also where several were put together", async () => {
    const plain = await say(
      ["replay", "-", "--config", write("plain.json", "{}")],
      { input: `${log()}\n${log(200_000)}` },
    );
    const marked = await say(
      ["replay", "-", "--config", write("plain.json", "\ufeff{}")],
      { input: `\ufeff${log()}\n\ufeff${log(200_000)}` },
    );
    expect(marked).toEqual(plain);
    expect(marked.code).toBe(0);
  });

  it("quotes nothing that does something to a terminal, or to the line of its message", async () => {
    const good = write("good.json", "{}");
    const hostile = "\u001b[2J\u009b2J\u202e\u2028\nno JSON";
    const asLog = await say(["replay", "-", "--config", good], {
      input: hostile,
    });
    const bad = write("bad.json", hostile);
    const asConfig = await say(["replay", "-", "--config", bad]);
    for (const { code, error } of [asLog, asConfig]) {
      expect(code).toBe(2);
      expect(error).toMatch(/^[^\p{Cc}\p{Bidi_Control}\u2028\u2029]+\n$/u);
    }
  });

  it("prints what it has found also when it cannot draw it", async () => {
    const args = ["replay", "-", "--config", write("good.json", "{}")];
    const { out } = await say(args, { input: log() });
    expect(
      await say([...args, "--svg", folder], { input: log() }),
    ).toMatchObject({
      code: 2,
      out,
      error: expect.stringContaining("EISDIR") as string,
    });
  });

  it("refuses a configuration as long as a log, of which it reads no more than it needs", async () => {
    const file = write(
      "calls.ndjson",
      `${call(0, "success")}\n`.repeat(30_000),
    );
    for (const config of [file, "/dev/zero"].filter(existsSync)) {
      const said = await say(["replay", file, "--config", config]);
      expect(said).toEqual({
        code: 2,
        out: "",
        error: `dp-breaker: ${config}: must have at most 1000000 characters, got more: is it a configuration?\n`,
      });
    }
  });

  it("refuses two configurations of one name", async () => {
    const file = write("same.json", "{}");
    const args = ["replay", "-", "--config", file, "--config", file];
    const { code, error } = await say(args, { input: log() });
    expect(code).toBe(2);
    expect(error).toBe(
      `dp-breaker: ${file}, ${file}: configurations[1].name must be a name of its own, got "same"\n`,
    );
  });
});

describe("dp-breaker", () => {
  it("prints how it is used: on request, or with what was wrong and 2", async () => {
    expect(await say(["--help"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Usage: dp-breaker replay/) as string,
      error: "",
    });
    expect(await say(["bogus"])).toMatchObject({
      code: 2,
      out: "",
      error: expect.stringMatching(
        /^dp-breaker: there is no command "bogus"\n\nUsage: /,
      ) as string,
    });
  });
});
