import { describe, expect, it } from "vitest";
import { readSlice, unionOf } from "./endpoint-slice.ts";

const slice = (more: Record<string, unknown> = {}, name = "users-1") => ({
  metadata: { name, labels: { "kubernetes.io/service-name": "users" } },
  addressType: "IPv4",
  ports: [
    { name: "admin", port: 9000 },
    { name: "http", port: 8080 },
  ],
  endpoints: [{ addresses: ["10.0.0.1"] }],
  ...more,
});
const withConditions = (conditions: unknown, name?: string) =>
  slice({ endpoints: [{ addresses: ["10.0.0.1"], conditions }] }, name);
const read = (
  object: unknown,
  port?: string | number,
  skipped: (error: Error) => void = () => undefined,
) => readSlice(object, "users", port, skipped);

describe("an endpoint slice", () => {
  it("becomes instances with zone, pod and node", () => {
    const endpoint = {
      addresses: ["10.0.0.1", "10.0.0.2"],
      zone: "z",
      nodeName: "n",
      targetRef: { kind: "Pod", name: "users-abc", uid: "u-1" },
    };
    const { service, endpoints } = read(slice({ endpoints: [endpoint] }));
    expect(service).toBe("users");
    expect(endpoints).toEqual([
      {
        id: "10.0.0.1:9000",
        state: "serving",
        instance: {
          service: "users",
          id: "10.0.0.1:9000",
          host: "10.0.0.1",
          port: 9000,
          weight: 1,
          priority: 0,
          zone: "z",
          state: "serving",
          revision: 0n,
          metadata: { name: "users-abc", uid: "u-1", node: "n" },
        },
      },
    ]);
  });

  it("is read by the API's own reading of its conditions", () => {
    const [yes, no] = [true, false];
    const table: [Record<string, boolean | null>, string | undefined][] = [
      [{}, "serving"],
      [{ ready: null }, "serving"],
      [{ ready: yes }, "serving"],
      [{ ready: no }, undefined],
      [{ ready: no, serving: yes }, undefined],
      [{ ready: no, serving: yes, terminating: no }, undefined],
      [{ ready: no, serving: yes, terminating: yes }, "draining"],
      [{ ready: no, serving: no, terminating: yes }, undefined],
      [{ ready: no, terminating: yes }, undefined],
      // publishNotReadyAddresses keeps ready true to the end.
      [{ ready: yes, serving: no, terminating: yes }, "draining"],
    ];
    for (const [conditions, state] of table)
      expect(
        read(withConditions(conditions)).endpoints[0]?.state,
        JSON.stringify(conditions),
      ).toBe(state);
  });

  it("gives the port asked for by name or number, else its first", () => {
    expect(read(slice(), "http").endpoints[0]?.id).toBe("10.0.0.1:8080");
    expect(read(slice(), 7000).endpoints[0]?.id).toBe("10.0.0.1:7000");
    expect(read(slice({ ports: null }), 7000).endpoints[0]?.id).toBe(
      "10.0.0.1:7000",
    );
    expect(read(slice({ ports: [{ port: 1 }] }), "").endpoints).toHaveLength(1);
  });

  it("of IPv6 has ids that can be read as addresses", () => {
    const object = slice({
      addressType: "IPv6",
      endpoints: [{ addresses: ["fd00::1"] }],
    });
    expect(read(object).endpoints[0]?.id).toBe("[fd00::1]:9000");
  });

  it("is refused whole when it has names for addresses, lacks the port or is none", () => {
    const refused: [unknown, string | undefined, string][] = [
      [slice({ addressType: "FQDN" }), undefined, "of FQDN addresses"],
      [slice(), "grpc", 'has no port "grpc"'],
      [slice({ ports: [] }), undefined, "has no port"],
      [slice({ ports: [{ name: "all" }] }), undefined, "port must be"],
      [slice({ endpoints: [{}, null] }), undefined, "address must be"],
      [slice({ metadata: {} }), undefined, "metadata.name must be"],
      ["nothing", undefined, "of undefined addresses"],
    ];
    for (const [object, port, reason] of refused) {
      expect(() => read(object, port)).toThrow(/^DP_BAD_RECORD: the slice/);
      expect(() => read(object, port)).toThrow(reason);
    }
    const empty = slice({ ports: null, endpoints: null });
    expect(read(empty).endpoints).toEqual([]);
  });

  it("lacks those of its endpoints that are none, each told", () => {
    const good = { addresses: ["10.0.0.1"] };
    const bad = [{ addresses: [] }, null, { addresses: [7] }, { zone: "z" }];
    const told: string[] = [];
    const { endpoints } = read(
      slice({ endpoints: [bad[0], good, ...bad.slice(1)] }),
      undefined,
      ({ message }) => told.push(message),
    );
    expect(endpoints.map(({ id }) => id)).toEqual(["10.0.0.1:9000"]);
    expect(told).toHaveLength(bad.length);
    for (const message of told)
      expect(message).toMatch(
        /^DP_BAD_RECORD: an endpoint of the slice users-1 of users is skipped: /,
      );
  });
});

describe("the union of slices", () => {
  it("has each endpoint once, serving if any slice says so, in whatever order they come", () => {
    const slices = [
      read(withConditions({ ready: false }, "a")),
      read(
        withConditions({ ready: false, serving: true, terminating: true }, "b"),
      ),
      read(withConditions({ ready: true }, "c")),
      read(slice({ endpoints: [{ addresses: ["10.0.0.2"], zone: "d" }] }, "d")),
      read(slice({ endpoints: [{ addresses: ["10.0.0.2"], zone: "e" }] }, "e")),
    ];
    for (const order of [slices, [...slices].reverse()]) {
      const { listed, named } = unionOf(order);
      expect([...named]).toEqual(["10.0.0.1:9000", "10.0.0.2:9000"]);
      expect(listed.get("10.0.0.1:9000")?.state).toBe("serving");
      expect(listed.get("10.0.0.2:9000")?.zone).toBe("d");
    }
    expect(unionOf(slices.slice(0, 1)).listed.size).toBe(0);
    expect(unionOf(slices.slice(0, 1)).named.size).toBe(1);
  });
});
