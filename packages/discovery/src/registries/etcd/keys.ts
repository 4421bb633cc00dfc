import { requireWellFormed } from "../../well-formed.ts";

const escape = (what: string, name: string): string =>
  requireWellFormed(what, name).replaceAll("%", "%25").replaceAll("/", "%2F");

const unescape = (part: string): string =>
  part.replaceAll("%2F", "/").replaceAll("%25", "%");

/**
 * Where instances are kept: `<prefix>/<service>/<id>`, with `%` and `/` escaped in names, so that everything below one
 * service is that service's and no other's.
 */
export class Keys {
  /** Everything of this registry is below it. Ends with a slash. */
  readonly root: string;

  constructor(prefix: string) {
    this.root = `${prefix.replace(/\/+$/, "")}/`;
  }

  /** Everything of one service is below it. Ends with a slash. */
  ofService(service: string): string {
    return `${this.root}${escape("service", service)}/`;
  }

  of(service: string, id: string): string {
    return this.ofService(service) + escape("id", id);
  }

  /** The names in a key; undefined for one that {@link Keys.of} never makes. */
  names(
    key: string,
  ): { readonly service: string; readonly id: string } | undefined {
    const parts = key.slice(this.root.length).split("/");
    const [service, id] = parts.map(unescape);
    if (parts.length !== 2 || !key.startsWith(this.root)) return undefined;
    if (service === undefined || id === undefined) return undefined;
    if (service === "" || id === "" || this.of(service, id) !== key)
      return undefined;
    return { service, id };
  }
}
