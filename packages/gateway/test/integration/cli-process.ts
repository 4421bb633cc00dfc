import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Far longer than anything here takes, for a machine that does ten other things. */
const bound = { timeout: 20_000, interval: 20 };

/** A `dp-gateway` process with what it has written so far. */
export class CliProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string>;
  out = "";
  error = "";

  constructor(...args: string[]) {
    this.child = spawn(
      process.execPath,
      ["--conditions=@dp/source", main, ...args],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.error += text;
    });
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code, signal) => resolve(code ?? signal ?? "?"));
    });
  }

  /** What standard output says, each line read as JSON. */
  get lines(): Readonly<Record<string, unknown>>[] {
    return this.out
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  }

  /** Waits until a line tells this event, and gives it. */
  event(name: string): Promise<Readonly<Record<string, unknown>>> {
    return this.line((line) => line["event"] === name);
  }

  line(
    isIt: (line: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.until(() => {
      const found = this.lines.find(isIt);
      if (found === undefined)
        throw new Error(`no such line in ${this.out}; ${this.error}`);
      return found;
    });
  }

  until<T>(condition: () => T): Promise<T> {
    return vi.waitFor(condition, bound);
  }

  /** Where it serves, once it does. */
  async url(): Promise<string> {
    return String((await this.event("listening"))["http"]);
  }

  send(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}
