import { explainRequest, type Explanation } from "../config/explain.ts";
import type { ResolvedConfig, ResolvedRoute } from "../config/resolved.ts";
import type { Command } from "./command-line.ts";
import {
  describePolicies,
  describeService,
  describeTo,
} from "./describe-policies.ts";
import { formatRows } from "./format-rows.ts";
import { describeRefusal, readFile } from "./read-file.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `dp-gateway explain`: 0 when a route takes the request, 1 when the gateway would answer it itself. */
export const explain = async (
  command: Extract<Command, { name: "explain" }>,
  terminal: Terminal,
): Promise<ExitCode> => {
  try {
    const { resolved } = await readFile(command.file, terminal.env);
    const explanation = explainRequest(resolved, command);
    terminal.out(describe(command, explanation, resolved));
    return explanation.status === 200 ? 0 : 1;
  } catch (error) {
    terminal.error(describeRefusal(error));
    return 1;
  }
};

const describe = (
  { method, host, path: asked }: Extract<Command, { name: "explain" }>,
  { path, status, route, params, allow, others }: Explanation,
  config: ResolvedConfig,
): string => {
  const outcome =
    route === undefined
      ? {
          400: "400: the path is refused",
          404: "404: no route",
          405: `405: only ${allow.join(", ")}`,
          200: "",
        }[status]
      : place(route);
  const rows = [
    ["request", [method, host, asked].filter(Boolean).join(" ")],
    ["path", path ?? "refused"],
    ["route", outcome],
    ...Object.entries(params).map(([name, value]) => [`  :${name}`, value]),
    ...(route === undefined ? [] : describePolicies(route)),
    ...(route === undefined ? [] : serviceRows(route, config)),
  ];
  const lost = others.map((other) => [place(other.route), other.reason]);
  return [
    ...formatRows(rows),
    ...(path === undefined ? [] : ["other routes", ...formatRows(lost)]),
    "",
  ].join("\n");
};

const place = (route: ResolvedRoute): string =>
  `routes[${route.index}] ${route.name}`;

const serviceRows = (
  route: ResolvedRoute,
  config: ResolvedConfig,
): string[][] => [
  ["to", describeTo(route)],
  ...route.to.map(({ service: name }) => {
    const service = config.services.get(name);
    return [`  ${name}`, service === undefined ? "" : describeService(service)];
  }),
];
