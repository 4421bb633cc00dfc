import type { Instance } from "../src/instance.ts";
import type { Standing } from "../src/view/service-view.ts";
import { xxhash32 } from "../src/xxhash32.ts";

/** What a view is told to do; times in ms. */
export interface ModelRules {
  readonly graceMs: number;
  readonly forMs: number;
  readonly consecutive: number;
  readonly maxShare: number;
  /** From one health check to the next; one result decides. */
  readonly checkMs: number;
  readonly windowMs: number | undefined;
  readonly zone: string | undefined;
  /** With the seed "model". */
  readonly subset: number | undefined;
}

/** One address of one id, as the model knows it. */
export interface ModelMember {
  instance: Instance;
  goesAtMs: number;
  failures: number;
  ejectedUntilMs: number;
  used: boolean;
  usedFromMs: number;
  isNew: boolean;
  rampFromMs: number;
}

export interface ModelTier {
  readonly members: readonly ModelMember[];
  readonly load: number;
  readonly panic: boolean;
}

/** What a view must think of its instances, worked out from scratch at every question. */
export class ViewModel {
  nowMs = 0;
  members: ModelMember[] = [];
  readonly sick: Set<number> = new Set();
  readonly #rules: ModelRules;

  constructor(rules: ModelRules) {
    this.#rules = rules;
  }

  standing({ instance, ejectedUntilMs, used }: ModelMember): Standing {
    if (instance.state === "draining") return "draining";
    if (!used) return "unselected";
    if (this.sick.has(instance.port)) return "unhealthy";
    return ejectedUntilMs > this.nowMs ? "ejected" : "ready";
  }

  put(instance: Instance): void {
    this.#put(instance);
    this.#select();
  }

  delete(id: string): void {
    this.members = this.members.filter(({ instance }) => instance.id !== id);
    this.#select();
  }

  sync(instances: readonly Instance[]): void {
    const ids = new Set(instances.map(({ id }) => id));
    const confirmed = this.members.filter((each) => each.goesAtMs === Infinity);
    const missing = confirmed.filter((each) => !ids.has(each.instance.id));
    if (missing.length > confirmed.length / 2)
      for (const member of missing)
        member.goesAtMs = this.nowMs + this.#rules.graceMs;
    else this.members = this.members.filter((each) => !missing.includes(each));
    for (const instance of instances) this.#put(instance);
    this.#select();
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.members = this.members.filter((each) => each.goesAtMs > this.nowMs);
    this.#select();
  }

  /** The next check of each at the port finds the opposite of the last one. */
  turn(port: number): void {
    if (!this.sick.delete(port)) {
      this.sick.add(port);
      return;
    }
    const { checkMs } = this.#rules;
    for (const member of this.members) {
      if (member.instance.port !== port || !member.used) continue;
      const checks = Math.floor((this.nowMs - member.usedFromMs) / checkMs);
      member.rampFromMs = member.usedFromMs + (checks + 1) * checkMs;
      member.isNew = false;
    }
  }

  report(member: ModelMember, success: boolean): void {
    if (success) {
      member.failures = 0;
      return;
    }
    if (member.ejectedUntilMs > this.nowMs) return;
    member.failures++;
    const standing = this.standing(member);
    if (member.failures < this.#rules.consecutive) return;
    if (standing === "draining" || standing === "unselected") return;
    const serving = this.serving();
    const ejected = serving.filter((each) => each.ejectedUntilMs > this.nowMs);
    const room = Math.floor(this.#rules.maxShare * serving.length);
    if (serving.length < 2 || ejected.length >= Math.max(1, room)) return;
    member.failures = 0;
    member.ejectedUntilMs = this.nowMs + this.#rules.forMs;
  }

  serving(): ModelMember[] {
    return this.members.filter(
      ({ instance, used }) => instance.state === "serving" && used,
    );
  }

  weight({ instance, rampFromMs }: ModelMember): number {
    const { windowMs } = this.#rules;
    const ageMs = this.nowMs - rampFromMs;
    if (windowMs === undefined || ageMs >= windowMs) return instance.weight;
    return instance.weight * Math.max(0.1, Math.max(ageMs, 1000) / windowMs);
  }

  /** Best first, those without load included. */
  tiers(): ModelTier[] {
    const serving = this.serving();
    const priorities = [
      ...new Set(serving.map(({ instance }) => instance.priority)),
    ].sort((a, b) => a - b);
    const groups = priorities.map((priority) =>
      serving.filter(({ instance }) => instance.priority === priority),
    );
    const health = groups.map((group) =>
      Math.min(100, (140 * this.#ready(group).length) / group.length),
    );
    const sum = health.reduce((total, each) => total + each, 0);
    let left = 100;
    return groups.flatMap((group, index) => {
      let load = (group.length / serving.length) * 100;
      if (sum > 0)
        load = Math.min(left, (health[index]! * 100) / Math.min(100, sum));
      left -= load;
      return this.#parts(group, load / 100);
    });
  }

  /** Those a pick may get. */
  eligible(exclude: readonly string[]): readonly ModelMember[] {
    const left = this.tiers().map(({ members, ...tier }) => ({
      ...tier,
      members: members.filter(({ instance }) => !exclude.includes(instance.id)),
    }));
    const loaded = left
      .filter(({ load }) => load > 1e-9)
      .flatMap(({ members }) => members);
    if (loaded.length > 0) return loaded;
    const some = left.filter(({ members }) => members.length > 0);
    return (some.find(({ panic }) => !panic) ?? some[0])?.members ?? [];
  }

  #ready(group: readonly ModelMember[]): ModelMember[] {
    return group.filter((each) => this.standing(each) === "ready");
  }

  #parts(group: readonly ModelMember[], load: number): ModelTier[] {
    const { zone } = this.#rules;
    const ready = this.#ready(group);
    if (ready.length < group.length / 2)
      return [{ members: group, load, panic: true }];
    const isOwn = ({ instance }: ModelMember) => instance.zone === zone;
    const [own, ownReady] = [group.filter(isOwn), ready.filter(isOwn)];
    const others = ready.filter((each) => !isOwn(each));
    const preferred =
      zone !== undefined &&
      ownReady.length > 0 &&
      others.length > 0 &&
      ownReady.length >= own.length / 2;
    const panic = false;
    if (!preferred) return [{ members: ready, load, panic }];
    const kept = Math.min(1, (1.4 * ownReady.length) / own.length);
    return [
      { members: ownReady, load: load * kept, panic },
      { members: others, load: load * (1 - kept), panic },
    ];
  }

  #put(instance: Instance): void {
    const held = this.members.find((each) => each.instance.id === instance.id);
    if (held?.instance.port === instance.port) {
      held.instance = instance;
      held.goesAtMs = Infinity;
      return;
    }
    this.members = this.members.filter((each) => each !== held);
    this.members.push({
      instance,
      goesAtMs: Infinity,
      failures: 0,
      ejectedUntilMs: -Infinity,
      used: false,
      usedFromMs: NaN,
      isNew: true,
      rampFromMs: -Infinity,
    });
  }

  #select(): void {
    const size = this.#rules.subset;
    const seed = xxhash32("model", 0);
    const rank = ({ instance }: ModelMember) => xxhash32(instance.id, seed);
    for (const member of this.members) {
      const rivals = this.members.filter(
        ({ instance }) =>
          instance.priority === member.instance.priority &&
          instance.state === "serving",
      );
      const better = rivals.filter((each) => rank(each) < rank(member));
      const used =
        size === undefined ||
        (member.instance.state === "serving" && better.length < size);
      if (used && !member.used) {
        member.usedFromMs = this.nowMs;
        if (member.isNew && !this.sick.has(member.instance.port)) {
          member.rampFromMs = this.nowMs;
          member.isNew = false;
        }
      }
      member.used = used;
    }
  }
}
