import { InvalidOptionError } from "@dp/core";
import {
  admissionBy,
  type AnyLimiter,
  type RateLimitOptions,
} from "./admission.ts";
import { addressKey } from "./client-key.ts";
import { refusalResponse, withFields } from "./web-response.ts";

/** The parts of a context of Hono that are used. */
export interface HonoContext {
  readonly req: {
    readonly method: string;
    readonly path: string;
    header(name: string): string | undefined;
  };
  readonly env: unknown;
  res: Response;
}

/**
 * A middleware for Hono that lets a request on while its key has units left and tells every client its limits. A refused
 * request is answered with a problem document.
 *
 * Without a `key` the address of the connection is used, which only the Node adapter (`@hono/node-server`) tells;
 * elsewhere every request fails with an `InvalidOptionError` naming `key`. What the limiter or a function of the options
 * throws goes to `app.onError`. Throws `InvalidOptionError` for a bad option.
 */
export const rateLimitHono = <
  P extends string,
  Context extends HonoContext = HonoContext,
>(
  limiter: AnyLimiter<P>,
  options: RateLimitOptions<P, readonly [context: Context]> = {},
): ((
  context: Context,
  next: () => Promise<void>,
) => Promise<Response | undefined>) => {
  const admissionFor = admissionBy(limiter, options, connectionKey);
  return async (context, next) => {
    const admission = await admissionFor(context);
    if (admission?.refusal !== undefined)
      return refusalResponse(
        admission.fields,
        admission.refusal,
        context.req.method,
      );
    await next();
    if (admission !== undefined) {
      const response = withFields(context.res, admission.fields);
      if (response !== context.res) context.res = response;
    }
    return undefined;
  };
};

/** What the Node adapter keeps of the request under way. */
interface NodeBindings {
  readonly incoming?: {
    readonly socket?: { readonly remoteAddress?: string };
  };
}

const keyOfAddress = addressKey();

const connectionKey = ({ env }: HonoContext): string => {
  const address = (env as NodeBindings | null | undefined)?.incoming?.socket
    ?.remoteAddress;
  if (address !== undefined) return keyOfAddress(address, undefined);
  // One bucket for all who have no address would let one client shut out the others.
  throw new InvalidOptionError(
    "key",
    undefined,
    "given, because the connection tells no address here",
  );
};
