const port = (name: string): number => {
  const value = Number(process.env[name]);
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw new Error(
    `${name} must be a port from 1 to 65535, not ${process.env[name] ?? "unset"}`,
  );
};

/** The port of 127.0.0.1 a server under test has to listen on. */
export const listenPort = port("DP_BENCH_LISTEN_PORT");

/** The port of 127.0.0.1 it has to forward to. */
export const upstreamPort = port("DP_BENCH_UPSTREAM_PORT");
