import { ShapeError } from "./errors.ts";
import { differenceOf, shapeOf, type SagaDefinition } from "./definition.ts";
import type { DefinitionId, LiveShape } from "./stores/store.ts";

/** The definitions an orchestrator knows, by name and version. */
export class Registered {
  readonly definitions: readonly SagaDefinition[];
  readonly #byId = new Map<string, SagaDefinition>();

  constructor(definitions: readonly SagaDefinition[]) {
    this.definitions = definitions;
    for (const definition of definitions)
      this.#byId.set(idOf(definition), definition);
  }

  get(id: DefinitionId): SagaDefinition | undefined {
    return this.#byId.get(idOf(id));
  }

  /** Throws a {@link ShapeError} naming the step if runs go through other steps than are registered. */
  check(live: readonly LiveShape[]): void {
    for (const { id, shape, ...stored } of live) {
      const definition = this.get(stored);
      if (definition === undefined) continue;
      const defined = shapeOf(definition);
      if (defined !== shape)
        throw new ShapeError(
          `saga ${stored.name} version ${stored.version} has other steps in run ${id} than are registered: ${differenceOf(shape, defined)}. Give a changed saga a new version and keep the old one registered until its runs have ended`,
        );
    }
  }
}

const idOf = ({ name, version }: DefinitionId): string => `${version} ${name}`;
