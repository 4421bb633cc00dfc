import { saga, type SagaDefinition, type StepRetry } from "@dp/saga";
import type { Order } from "./order.ts";
import type { Participant } from "./participant.ts";
import type { Shipments } from "./shipments.ts";

/** Who takes part in an order. */
export interface Participants {
  readonly catalog: Participant;
  readonly payments: Participant;
  readonly shipments: Shipments;
  /** Called where a step begins. */
  readonly beginning: (step: string) => void;
}

export interface OrderResult {
  readonly cents: number;
}

const backoff = { initial: "50ms", max: "1s" } as const;
/** Long enough for a service to be killed, to come back, and for a breaker to find out. */
const patient: StepRetry = { attempts: 20, backoff };
/** What was done must be undone: only after minutes a person is called. */
const dogged: StepRetry = { attempts: 200, backoff };
const timeout = "5s";

/**
 * An order: the catalog reserves, payments charge, then it is shipped, which is the point of no return. Both others know
 * how to undo what they have never seen, so nobody has to find out whether a lost call arrived.
 */
export const orderSaga = ({
  catalog,
  payments,
  shipments,
  beginning,
}: Participants): SagaDefinition<Order, OrderResult> =>
  saga<Order>("order")
    .step("reserve", {
      execute: async ({ input: { item, count }, key, signal }) => {
        beginning("reserve");
        const deed = { item, count };
        return (await catalog.do(key, deed, signal)) as { cents: number };
      },
      compensate: ({ forwardKey, signal }) => catalog.undo(forwardKey, signal),
      retry: patient,
      compensateRetry: dogged,
      timeout,
    })
    .step("charge", {
      execute: async ({ input: { card }, steps, key, signal }) => {
        beginning("charge");
        const { cents } = steps.reserve;
        await payments.do(key, { card, cents }, signal);
      },
      compensate: ({ forwardKey, signal }) => payments.undo(forwardKey, signal),
      retry: patient,
      compensateRetry: dogged,
      timeout,
    })
    .pivot("ship", {
      execute: async ({ input, key }) => {
        beginning("ship");
        await shipments.ship(key, input);
      },
      // The ledger is this process's own, and a call of it is over when it has rejected: none can land late.
      find: ({ key }) => (shipments.has(key) ? null : undefined),
      retry: patient,
    })
    .result(({ steps }) => ({ cents: steps.reserve.cents }));
