import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  InvalidOptionError,
  requireInteger,
  requireText,
  systemClock,
  systemRandom,
  type Clock,
  type Random,
} from "@dp/core";
import type { RegistryOptions } from "../../remote/registry-options.ts";

export interface KubernetesRegistryOptions extends RegistryOptions {
  /**
   * Of the API server, `http` or `https`. With it nothing is taken from the pod this process may run in.
   * @defaultValue the API server of the cluster this process runs in
   */
  readonly url?: string | undefined;
  /** Of services named without one. @defaultValue the pod's own with the default url, else `default` */
  readonly namespace?: string | undefined;
  /**
   * Sent as bearer token; a function is asked before each request.
   * @defaultValue the service account's with the default url, read before each request because it is rotated; else none
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Certificates in PEM that may have signed the server's. @defaultValue the cluster's with the default url, else Node's */
  readonly ca?: string | undefined;
  /** Of each instance: the name of a port of its slice, or a number. @defaultValue the first port of its slice */
  readonly port?: string | number | undefined;
}

/** What goes with one request. */
export interface Credentials {
  readonly token: string | undefined;
  readonly ca: string | undefined;
}

export interface ResolvedKubernetesOptions {
  readonly url: URL;
  readonly namespace: string;
  readonly credentials: () => Promise<Credentials>;
  readonly port: string | number | undefined;
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onError: ((error: Error) => void) | undefined;
}

/** Where Kubernetes puts what a pod needs to reach its API server. */
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

const clusterUrl = (env: NodeJS.ProcessEnv): string => {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"] ?? "443";
  if (host === undefined || host === "")
    throw new InvalidOptionError(
      "url",
      undefined,
      "given outside a cluster: KUBERNETES_SERVICE_HOST is not set",
    );
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
};

const requireUrl = (text: string): URL => {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new InvalidOptionError("url", text, "an http or https URL");
};

const ownNamespace = (folder: string): string => {
  try {
    return readFileSync(join(folder, "namespace"), "utf8").trim() || "default";
  } catch {
    return "default";
  }
};

/** Throws `InvalidOptionError` for a bad value. `folder` and `env` are what a pod has. */
export const resolveKubernetesOptions = (
  options: KubernetesRegistryOptions,
  env: NodeJS.ProcessEnv = process.env,
  folder: string = serviceAccount,
): ResolvedKubernetesOptions => {
  const { token, ca, port } = options;
  const isOwn = options.url === undefined;
  const fromPod = async (name: string): Promise<string | undefined> =>
    isOwn ? (await readFile(join(folder, name), "utf8")).trim() : undefined;
  return {
    url: requireUrl(options.url ?? clusterUrl(env)),
    namespace:
      options.namespace === undefined
        ? isOwn
          ? ownNamespace(folder)
          : "default"
        : requireText("namespace", options.namespace),
    credentials: async () => ({
      token:
        typeof token === "function"
          ? await token()
          : (token ?? (await fromPod("token"))),
      ca: ca ?? (await fromPod("ca.crt")),
    }),
    port:
      typeof port === "number"
        ? requireInteger("port", port, 1, 65_535)
        : port === undefined
          ? undefined
          : requireText("port", port),
    name: requireText("name", options.name ?? "kubernetes"),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    onError: options.onError,
  };
};
