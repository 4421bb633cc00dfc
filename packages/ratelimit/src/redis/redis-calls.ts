import { createAlarm, DpError, systemClock, type Alarm } from "@dp/core";
import type { ScriptClient, ScriptInput, SentScript } from "./redis-client.ts";
import type { Script } from "./scripts.ts";

/** A call whose outcome is not known yet. */
interface Call {
  readonly dueMs: number;
  sent: SentScript | undefined;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Calls of scripts that are answered in time or not at all. Nothing is sent while the client is not ready, and nothing
 * twice but what Redis did not know the script for: it has then done nothing.
 *
 * Clients may keep a call that could not be sent, or send again what a lost connection left unanswered (ioredis does
 * both by default). Each call therefore carries a permit, which is withdrawn when the call has failed here, and the script
 * does nothing without it. So a call is carried out once at most, and never after its caller was told that it failed for
 * being late.
 */
export class RedisCalls {
  readonly #client: ScriptClient;
  readonly #timeoutMs: number;
  /** In the order in which they are due, because all have the same time. */
  readonly #pending = new Set<Call>();
  /** A wait for the network takes real time, whatever clock the limits go by. One timer for all calls. */
  readonly #alarm: Alarm = createAlarm(systemClock, () => this.#failLate());
  readonly #forget: () => void;
  #isClosed = false;

  constructor(client: ScriptClient, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#forget = client.onLost(() =>
      this.#failAll("the connection to Redis was lost before it answered"),
    );
  }

  /** The script's reply. Rejects if there is none in time; then it is unknown whether it was carried out. */
  run(script: Script, keys: string[], rest: string[]): Promise<unknown> {
    if (this.#isClosed)
      return Promise.reject(unavailable("the store is closed"));
    if (!this.#client.isReady)
      return Promise.reject(unavailable("the client is not connected"));
    return new Promise((resolve, reject) => {
      const dueMs = systemClock.now() + this.#timeoutMs;
      const call: Call = { dueMs, sent: undefined, resolve, reject };
      if (this.#pending.size === 0) this.#alarm.set(dueMs);
      this.#pending.add(call);
      const input = { keys, arguments: rest };
      this.#send("evalsha", script, input, call, (error) => {
        if (isUnknownScript(error) && this.#pending.has(call))
          this.#send("eval", script, input, call, (last) =>
            this.#fail(call, last),
          );
        else this.#fail(call, error);
      });
    });
  }

  /** Lets calls that `running` makes go out in one piece, if the client can. */
  together(running: () => void): void {
    this.#client.together(running);
  }

  /** Fails everything from now on, and what is under way. */
  close(): void {
    this.finish();
    this.#failAll("the store was closed before Redis answered");
  }

  /** Fails everything from now on; what is under way may still be answered in time. */
  finish(): void {
    this.#isClosed = true;
    if (this.#pending.size === 0) this.#forget();
  }

  #send(
    by: "eval" | "evalsha",
    { text, sha }: Script,
    input: ScriptInput,
    call: Call,
    fail: (error: unknown) => void,
  ): void {
    try {
      const sent = this.#client.send(by, by === "eval" ? text : sha, input);
      call.sent = sent;
      sent.reply.then((reply) => {
        if (this.#settle(call)) call.resolve(reply);
      }, fail);
    } catch (error) {
      fail(error);
    }
  }

  #settle(call: Call): boolean {
    if (!this.#pending.delete(call)) return false;
    if (this.#pending.size === 0) {
      this.#alarm.set(Infinity);
      if (this.#isClosed) this.#forget();
    }
    return true;
  }

  #fail(call: Call, error: unknown): void {
    if (!this.#settle(call)) return;
    call.sent?.withdraw();
    call.reject(error);
  }

  #failAll(reason: string): void {
    for (const call of this.#pending) this.#fail(call, unavailable(reason));
  }

  #failLate(): void {
    const nowMs = systemClock.now();
    for (const call of this.#pending) {
      if (call.dueMs > nowMs) {
        this.#alarm.set(call.dueMs);
        return;
      }
      const reason = `Redis did not answer within ${this.#timeoutMs} ms`;
      this.#fail(call, unavailable(reason));
    }
  }
}

const unavailable = (reason: string): DpError =>
  new DpError("DP_RATELIMIT_REDIS", reason, { retryable: true });

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith("NOSCRIPT");
