import { type MetricSource, renderPrometheus } from "@dp/core";
import type { Service } from "../service.ts";
import { type AdminPages, jsonAnswer, textAnswer } from "./admin-server.ts";

/** What the pages show, read when they are asked for. */
export interface AdminView {
  readonly sources: () => Iterable<MetricSource>;
  readonly services: () => Iterable<Service>;
  /** Why the gateway should get no requests now; undefined when it should. */
  readonly unready: () => string | undefined;
}

/** The pages of the admin server. */
export const adminPages = (view: AdminView): AdminPages => ({
  "/healthz": () => textAnswer("ok\n"),
  "/readyz": () => {
    const why = view.unready();
    return why === undefined
      ? textAnswer("ready\n")
      : textAnswer(`${why}\n`, 503);
  },
  "/metrics": () =>
    textAnswer(
      renderPrometheus(view.sources()),
      200,
      "text/plain; version=0.0.4; charset=utf-8",
    ),
  "/services": () =>
    jsonAnswer(
      Array.from(view.services(), (service) => ({
        name: service.name,
        ...service.view.explain(),
      })),
    ),
  "/breakers": () =>
    jsonAnswer(
      Array.from(view.services(), (service) =>
        service.breaker?.inspect(),
      ).filter((inspection) => inspection !== undefined),
    ),
});
