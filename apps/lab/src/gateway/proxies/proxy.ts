/** What a proxy is told about its surroundings. All ports are on 127.0.0.1. */
export interface Site {
  readonly listenPort: number;
  readonly upstreamPort: number;
  /** For proxies that open a second port. */
  readonly adminPort: number;
  /** An empty folder of its own, for configuration and temporary files. */
  readonly folder: string;
}

/** How a proxy is started. Its standard output is the access log of rows that have one. */
export interface Launch {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** One row of the table: a proxy that forwards everything to one upstream, in one process with one working thread. */
export interface Proxy {
  /** The name in the table, in the results and for `--only`. */
  readonly name: string;
  /** Whether it writes one line for each request to standard output. */
  readonly accessLog: boolean;
  /** Why it cannot be measured on this machine and what to do about it; undefined when it can. */
  missing(): string | undefined;
  /** Product, version and how it is set up. Asked only when nothing is missing. */
  title(): string;
  /** Writes what it needs into the site's folder. Asked only when nothing is missing. */
  launch(site: Site): Launch;
}

/** The name of a row with or without access log. */
export const rowName = (name: string, accessLog: boolean): string =>
  accessLog ? `${name}-log` : name;
