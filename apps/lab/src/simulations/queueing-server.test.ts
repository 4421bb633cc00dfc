import { describe, expect, it } from "vitest";
import { QueueingServer } from "./queueing-server.ts";
import { Timeline } from "./timeline.ts";

describe("a queueing server", () => {
  it("serves as many at once as it has workers, the rest in order of arrival", () => {
    const timeline = new Timeline();
    const server = new QueueingServer(timeline, {
      workers: 2,
      serviceMs: () => 10,
    });
    const served: [string, number][] = [];
    for (const name of ["a", "b", "c", "d", "e"])
      server.accept(() => served.push([name, timeline.now()]));
    timeline.schedule(100, () => {
      server.accept(() => served.push(["late", timeline.now()]));
    });
    timeline.run();
    expect(served).toEqual([
      ["a", 10],
      ["b", 10],
      ["c", 20],
      ["d", 20],
      ["e", 30],
      ["late", 110],
    ]);
  });
});
