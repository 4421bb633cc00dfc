import type { ResolvedConfig, ResolvedRoute } from "../config/resolved.ts";
import { createRouteTable } from "../routing/route-table.ts";
import {
  describeLimit,
  describeService,
  describeTo,
} from "./describe-policies.ts";
import { describeRefusal, readFile } from "./read-file.ts";
import { formatRows } from "./format-rows.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `dp-gateway check <file>`: every problem, or what the file comes to. */
export const check = async (
  file: string,
  terminal: Terminal,
): Promise<ExitCode> => {
  try {
    const { resolved } = await readFile(file, terminal.env);
    terminal.out(summary(file, resolved));
    return 0;
  } catch (error) {
    terminal.error(describeRefusal(error));
    return 1;
  }
};

const summary = (file: string, config: ResolvedConfig): string => {
  const services = [...config.services.values()].map((service) => [
    service.name,
    describeService(service),
  ]);
  const table = createRouteTable(
    config.routes.map((route) => ({ ...route.match, value: route })),
  );
  const routes = table.routes.map(({ value }, place) => [
    String(place + 1),
    value.name,
    `-> ${describeTo(value)}${extras(value)}`,
  ]);
  return [
    `${file}: ok`,
    "services",
    ...formatRows(services),
    "routes, the first that takes a request has it",
    ...formatRows(routes),
    "",
  ].join("\n");
};

const extras = ({ auth, limit, use }: ResolvedRoute): string =>
  [
    ...(auth === undefined ? [] : [`auth ${auth}`]),
    ...(limit === undefined ? [] : [`limit ${describeLimit(limit)}`]),
    ...(use.length === 0
      ? []
      : [`use ${use.map(({ name }) => name).join(", ")}`]),
  ]
    .map((extra) => `; ${extra}`)
    .join("");
