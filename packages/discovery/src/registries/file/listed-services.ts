import { InvalidOptionError } from "@dp/core";
import type { Instance } from "../../instance.ts";
import { freezeMetadata } from "../../instance-metadata.ts";
import { resolveSpec } from "../../instance-spec.ts";
import { faultAt, type Document, type Path } from "./document.ts";

/** Who a file lists: service, id, instance. */
export type ListedServices<M> = ReadonlyMap<
  string,
  ReadonlyMap<string, Instance<M>>
>;

const topKeys = ["services"];
const instanceKeys = [
  "host",
  "port",
  "id",
  "weight",
  "priority",
  "zone",
  "metadata",
  "state",
];

/** `host:port`, or `[address]:port` for IPv6. */
const shortForm = /^(?:\[([^[\]\s]+)\]|([^:[\]\s/]+)):(\d{1,5})$/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads one document; its methods throw `DocumentFault` with the line of what they refuse. */
class Reader<M> {
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  services(): ListedServices<M> {
    const top = this.#object([], this.#document.value, topKeys);
    const services = this.#object(["services"], top["services"]);
    return new Map(
      Object.entries(services).map(([service, list]) => [
        service,
        this.#service(service, list),
      ]),
    );
  }

  #service(service: string, list: unknown): ReadonlyMap<string, Instance<M>> {
    const path = ["services", service];
    if (service === "") this.#refuse(path, "must have a name", true);
    if (!Array.isArray(list))
      return this.#refuse(path, "must be a list of instances");
    const instances = new Map<string, Instance<M>>();
    for (const [index, item] of list.entries()) {
      const instance = this.#instance(service, [...path, index], item);
      if (instances.has(instance.id))
        this.#refuse(
          [...path, index],
          `has the id ${instance.id} a second time`,
        );
      instances.set(instance.id, instance);
    }
    return instances;
  }

  #instance(service: string, path: Path, item: unknown): Instance<M> {
    const parts =
      typeof item === "string"
        ? this.#shortParts(path, item)
        : this.#object(path, item, instanceKeys);
    const { state = "serving" } = parts;
    if (state !== "serving" && state !== "draining")
      return this.#refuse([...path, "state"], "must be serving or draining");
    try {
      // Checks every part, whatever its type.
      const { instance } = resolveSpec<M>(
        {
          ...(parts as { host: string; port: number }),
          service,
        },
        freezeMetadata,
      );
      return Object.freeze({ ...instance, state, revision: 1n });
    } catch (error) {
      if (!InvalidOptionError.is(error)) throw error;
      const { option, bound } = error;
      return this.#refuse([...path, option], `must be ${bound}`);
    }
  }

  #shortParts(path: Path, text: string): Record<string, unknown> {
    const [, address, name, port] = shortForm.exec(text) ?? [];
    if (port === undefined)
      return this.#refuse(path, 'must be an object or a text like "host:port"');
    return { host: address ?? name, port: Number(port) };
  }

  #object(
    path: Path,
    value: unknown,
    known?: readonly string[],
  ): Record<string, unknown> {
    if (!isObject(value)) return this.#refuse(path, "must be an object");
    const unknown = Object.keys(value).find(
      (key) => known?.includes(key) === false,
    );
    if (unknown !== undefined)
      this.#refuse(
        [...path, unknown],
        `is unknown; known: ${known?.join(", ")}`,
        true,
      );
    return value;
  }

  #refuse(path: Path, reason: string, key: boolean = false): never {
    throw faultAt(this.#document, path, reason, key);
  }
}

/**
 * The services of `{ services: { users: [{ host, port, id?, weight?, priority?, zone?, metadata?, state? }, "host:port"] } }`.
 * Throws `DocumentFault` for anything else: a file is right as a whole or not read at all.
 */
export const listedServices = <M>(document: Document): ListedServices<M> =>
  new Reader<M>(document).services();
