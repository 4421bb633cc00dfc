import { join } from "node:path";
import { createOrchestrator } from "@dp/saga";
import { sqliteStore } from "@dp/saga/sqlite";
import { Desk } from "./ordering/desk.ts";
import { orderSaga } from "./ordering/order-saga.ts";
import { participantAt } from "./ordering/participant.ts";
import { openShipments } from "./ordering/shipments.ts";
import { serve } from "./service.ts";

await serve("orders", async ({ data, gateway, chaos }) => {
  const shipments = openShipments(join(data, "shipments.sqlite"));
  const definition = orderSaga({
    catalog: participantAt(`${gateway}/catalog/reservations`),
    payments: participantAt(`${gateway}/payments/charges`),
    shipments,
    beginning: (step) => {
      if (chaos().crashAt === step) process.kill(process.pid, "SIGKILL");
    },
  });
  const store = sqliteStore(join(data, "orders.sqlite"));
  const orchestrator = await createOrchestrator({
    store,
    sagas: [definition],
    workerId: "orders",
    // Another process takes over only when this one is dead: the store's file is locked until then.
    lease: "2s",
    poll: "100ms",
  });
  const desk = new Desk(orchestrator, definition, shipments);
  return {
    answer: (call) => desk.answer(call),
    close: async () => {
      await orchestrator.close();
      await store.close();
      shipments.close();
    },
  };
});
