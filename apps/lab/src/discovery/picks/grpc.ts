import {
  connectivityState,
  experimental,
  Metadata,
  status,
} from "@grpc/grpc-js";
import {
  hostOf,
  inFlight,
  type Contestant,
  type Picker,
} from "./contestant.ts";

/** A connection that is always there. Of what policies ask it, it has no more than the two need. */
const readySubchannel = (address: string): experimental.SubchannelInterface => {
  const subchannel = {
    getConnectivityState: () => connectivityState.READY,
    addConnectivityStateListener: () => undefined,
    removeConnectivityStateListener: () => undefined,
    startConnecting: () => undefined,
    getAddress: () => address,
    ref: () => undefined,
    unref: () => undefined,
    getChannelzRef: () => ({}),
    isHealthy: () => true,
    addHealthStateWatcher: () => undefined,
    removeHealthStateWatcher: () => undefined,
    realSubchannelEquals: (other: unknown) => other === subchannel,
  };
  return subchannel as unknown as experimental.SubchannelInterface;
};

/** A load balancing policy as a channel drives it, without a network. */
export class Policy {
  #picker: experimental.Picker | undefined;
  readonly #handler: experimental.ChildLoadBalancerHandler;
  readonly #config: experimental.TypedLoadBalancingConfig;
  readonly #args: experimental.PickArgs = {
    metadata: new Metadata(),
    extraPickInfo: {},
  };

  constructor(name: "round_robin" | "weighted_round_robin", config: object) {
    this.#config = experimental.parseLoadBalancingConfig({
      [name]: config,
    });
    this.#handler = new experimental.ChildLoadBalancerHandler({
      createSubchannel: (address) =>
        readySubchannel(experimental.subchannelAddressToString(address)),
      updateState: (_state, picker) => {
        this.#picker = picker;
      },
      requestReresolution: () => undefined,
      addChannelzChild: () => undefined,
      removeChannelzChild: () => undefined,
    });
  }

  /** Also makes the picker anew, with the weights known by now. */
  update(size: number): void {
    const endpoints = Array.from({ length: size }, (_, index) => ({
      addresses: [{ host: hostOf(index), port: 8080 }],
    }));
    this.#handler.updateAddressList(
      experimental.statusOrFromValue(endpoints),
      this.#config,
      {},
      "",
    );
  }

  pick(): experimental.PickResult {
    const result = this.#picker?.pick(this.#args);
    if (result?.subchannel == null) throw new Error("nobody picked");
    return result;
  }

  close(): void {
    this.#handler.destroy();
  }
}

/** A field of a protobuf message that is a double. */
const double = (field: number, value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8((field << 3) | 1);
  bytes.writeDoubleLE(value, 1);
  return bytes;
};

/**
 * The trailers by which a fully used server says how much it does (`xds.data.orca.v3.OrcaLoadReport`). Use them again:
 * grpc-js 1.14.7 reads its protocol file anew for each report it has not seen, which takes milliseconds.
 */
export const trailers = (perSecond: number): Metadata => {
  const metadata = new Metadata();
  const report = Buffer.concat([double(6, perSecond), double(9, 1)]);
  metadata.set("endpoint-load-metrics-bin", report);
  return metadata;
};

/** No blackout: a weight counts from the next picker on. */
export const weighted = (): Policy =>
  new Policy("weighted_round_robin", { blackout_period: "0s" });

const pickerOf = (policy: Policy): Picker => {
  const silent = new Metadata();
  const held = Array.from({ length: inFlight }, () => policy.pick());
  let slot = 0;
  return {
    use() {
      held[slot]?.onCallEnded?.(status.OK, "", silent);
      const result = policy.pick();
      result.onCallStarted?.();
      held[slot] = result;
      slot = slot + 1 === inFlight ? 0 : slot + 1;
      return result.subchannel;
    },
  };
};

const sizes = [10, 1_000];

export const grpc: readonly Contestant[] = [
  {
    name: "grpc-js round_robin",
    about: "1.14",
    sizes,
    create: (size) => {
      const policy = new Policy("round_robin", {});
      policy.update(size);
      return pickerOf(policy);
    },
  },
  {
    name: "grpc-js weighted_round_robin",
    about: "1.14, equal weights, servers report nothing new",
    sizes,
    create: (size) => {
      const policy = weighted();
      policy.update(size);
      const loaded = trailers(400);
      // As long as nobody has a weight it goes round.
      for (let pick = 0; pick < size * 2; pick++)
        policy.pick().onCallEnded?.(status.OK, "", loaded);
      policy.update(size);
      return pickerOf(policy);
    },
  },
];
