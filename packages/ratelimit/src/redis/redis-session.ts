import type { Clock } from "@dp/core";
import {
  blockUs,
  decidingFor,
  microseconds,
  requireKinds,
} from "../remote/deciding.ts";
import type {
  BoundPolicy,
  StoreAnswer,
  StoreSession,
} from "../stores/store.ts";
import { answerOf } from "../remote/answer.ts";
import type { DenyCache } from "./deny-cache.ts";
import { escaped, KeyNamer } from "./key-names.ts";
import { operationCodes, type Operation, type Part } from "./operation.ts";
import type { OperationQueue } from "./operation-queue.ts";
import { kinds } from "./scripts.ts";

/** What the sessions of one store share. */
export interface SessionParts {
  readonly queue: OperationQueue;
  readonly prefix: string;
  /** Missing unless refusals may be answered here. */
  readonly denyCache: DenyCache | undefined;
}

/** The policies of one limiter in Redis. */
export class RedisSession implements StoreSession {
  readonly #queue: OperationQueue;
  readonly #denyCache: DenyCache | undefined;
  readonly #namer: KeyNamer;
  readonly #bound: readonly BoundPolicy[];
  readonly #enforced: readonly boolean[];
  readonly #none: readonly boolean[];
  readonly #clock: Clock | undefined;

  constructor(
    { queue, prefix, denyCache }: SessionParts,
    bound: readonly BoundPolicy[],
    clock: Clock | undefined,
  ) {
    requireKinds("Redis", kinds, bound);
    this.#queue = queue;
    this.#denyCache = denyCache;
    this.#namer = new KeyNamer(prefix, bound);
    this.#bound = bound;
    this.#enforced = bound.map(({ enforced }) => enforced);
    this.#none = bound.map(() => false);
    this.#clock = clock;
  }

  decide(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): StoreAnswer | Promise<StoreAnswer> {
    const code = commit && cost > 0 ? operationCodes.take : operationCodes.peek;
    const operation = this.#operation(code, cost, subjects, this.#enforced);
    const cache = this.#denyCache;
    // A peek is asked for to see what is.
    const known = commit && cache?.find(operation.parts, cost, this.#clock);
    return known || this.#ask(operation);
  }

  async #ask(operation: Operation): Promise<StoreAnswer> {
    const { amount: cost, parts } = operation;
    const cache = this.#denyCache;
    const moment = cache?.moment(this.#clock);
    const outcome = await this.#queue.add(operation);
    const answer = answerOf(outcome, cost);
    if (moment !== undefined && outcome.refusal !== undefined)
      cache?.keep(parts, { outcome, answer, cost, moment });
    return answer;
  }

  async adjust(
    subjects: readonly string[],
    amount: number,
    skipped: readonly boolean[] = this.#none,
  ): Promise<void> {
    const code = operationCodes.adjust;
    const operation = this.#operation(code, amount, subjects, skipped);
    // What is taken as well only makes a refusal last longer.
    if (amount < 0) this.#denyCache?.drop(operation.parts);
    await this.#queue.add(operation);
  }

  async block(subjects: readonly string[], forMs: number): Promise<void> {
    const code = operationCodes.block;
    const amount = blockUs(forMs);
    const operation = this.#operation(code, amount, subjects, this.#none);
    this.#denyCache?.drop(operation.parts);
    await this.#queue.add(operation);
  }

  async reset(subjects: readonly string[]): Promise<void> {
    const code = operationCodes.reset;
    const operation = this.#operation(code, 0, subjects, this.#none);
    this.#denyCache?.drop(operation.parts);
    await this.#queue.add(operation);
  }

  #operation(
    code: Operation["code"],
    amount: number,
    subjects: readonly string[],
    flags: readonly boolean[],
  ): Operation {
    const clock = this.#clock;
    const nowMs = clock?.now();
    const first = subjects[0] as string;
    const firstName = escaped(first);
    const tag = this.#namer.tag(firstName);
    const parts = this.#bound.map((bound, index): Part => {
      const subject = subjects[index] as string;
      const { policy, now } = decidingFor(bound, subject, nowMs, clock);
      const name = subject === first ? firstName : escaped(subject);
      const names = this.#namer.names(index, policy, tag, name);
      return { policy, now, ...names, flag: flags[index] === true };
    });
    const nowUs = nowMs === undefined ? undefined : microseconds(nowMs);
    return { code, amount, nowUs, parts, tag };
  }
}
