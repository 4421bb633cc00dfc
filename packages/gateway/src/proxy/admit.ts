import type { ClientAddresses } from "../forwarding/client-address.ts";
import { fieldValue, withoutFields } from "../forwarding/field-lines.ts";
import { hostOf } from "../http1/authority.ts";
import type { RequestHead } from "../message.ts";
import type { GuardedRequest } from "../middleware/guard.ts";
import type { Problem } from "../problem.ts";
import { canonicalPath } from "../routing/canonical-path.ts";
import type { RequestFields } from "../routing/route.ts";
import type { BuiltRoute, Generation } from "./runtime.ts";

/** A request on its way through the guards: what was decided about it, and what was added to it. */
export class Admission implements GuardedRequest, RequestFields {
  readonly head: RequestHead;
  /** The one form of the path that everything after this uses. */
  path = "";
  route: BuiltRoute | undefined;
  authId: string | undefined;
  /** Lines for the upstream, for the client. */
  added = "";
  announced = "";
  readonly #peer: string;
  readonly #addresses: ClientAddresses;
  #withheld: Set<string> | undefined;

  constructor(head: RequestHead, peer: string, addresses: ClientAddresses) {
    this.head = head;
    this.#peer = peer;
    this.#addresses = addresses;
  }

  get clientAddress(): string {
    return this.#addresses.client(this.#peer, this.head.forwardedFor);
  }

  /** The end-to-end lines of the request without those withheld. */
  get fields(): string {
    const withheld = this.#withheld;
    return withheld === undefined
      ? this.head.fields
      : withoutFields(this.head.fields, (name) => withheld.has(name));
  }

  header(name: string): string | undefined {
    return fieldValue(this.added, name) ?? fieldValue(this.head.fields, name);
  }

  query(name: string): string | undefined {
    return new URLSearchParams(this.head.query).get(name) ?? undefined;
  }

  forward(name: string, value: string): void {
    this.withhold(name);
    this.added += `${name}: ${value}\r\n`;
  }

  withhold(name: string): void {
    this.#withheld ??= new Set();
    this.#withheld.add(name);
    if (this.added !== "")
      this.added = withoutFields(this.added, (each) => each === name);
  }

  announce(lines: string): void {
    this.announced += lines;
  }
}

/** Finds the request's route and asks its guards. Nothing has reached an upstream when it is refused. */
export const admit = (
  request: Admission,
  generation: Generation,
  pseudonym: string,
): Problem | undefined => {
  const { head } = request;
  if (head.via !== "" && head.via.includes(pseudonym))
    return {
      status: 508,
      error: "proxy_loop_detected",
      detail: "The request has passed this gateway before.",
    };
  const path = canonicalPath(head.path);
  if (path === undefined)
    return {
      status: 400,
      error: "http_request_error",
      detail:
        "The path holds an escape or character that servers read differently.",
    };
  request.path = path;
  const match = generation.match(
    hostOf(head.authority),
    path,
    head.method,
    request,
  );
  if (match.status === 404)
    return {
      status: 404,
      error: "destination_not_found",
      detail: "No route takes this request.",
    };
  if (match.status === 405)
    return {
      status: 405,
      error: "http_request_denied",
      detail: `This path takes ${match.allow.join(", ")}.`,
      fields: `allow: ${match.allow.join(", ")}\r\n`,
    };
  const route = match.value;
  request.route = route;
  for (const guard of route.guards) {
    const refusal = guard(request);
    if (refusal !== undefined) return refusal;
  }
  return head.length > route.bodyMaxBytes
    ? bodyTooLarge(route.bodyMaxBytes)
    : undefined;
};

/** The answer to a body beyond its route's limit. */
export const bodyTooLarge = (limit: number): Problem => ({
  status: 413,
  error: "http_request_denied",
  detail: `The body is larger than the ${limit} bytes allowed here.`,
});
