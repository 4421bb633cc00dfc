import { loadConfig } from "../config/load.ts";
import { resolveChecked } from "../config/resolve.ts";
import type { ResolvedConfig } from "../config/resolved.ts";
import type { GatewayConfig } from "../config/types.ts";
import { ConfigError, describeProblem } from "../errors.ts";
import type { MiddlewareDefinition } from "../middleware/middleware.ts";
import { loadModules } from "./load-modules.ts";
import type { Terminal } from "./terminal.ts";

/** A configuration file that passed every check, with what its modules brought. */
export interface ReadFile {
  readonly config: GatewayConfig;
  readonly resolved: ResolvedConfig;
  readonly middleware: readonly MiddlewareDefinition[];
}

/** Reads and checks a file with its modules. Throws {@link ConfigError} with every problem. */
export const readFile = async (
  file: string,
  env: Terminal["env"],
): Promise<ReadFile> => {
  const source = loadConfig(file, env);
  const { middleware, findings } = await loadModules(source.modules, file);
  const config = source.check(middleware, findings);
  return { config, resolved: resolveChecked(config, middleware), middleware };
};

/** The problems of a refused configuration, one a line, or the error's message. */
export const describeRefusal = (error: unknown): string => {
  if (!ConfigError.is(error))
    return `${error instanceof Error ? error.message : String(error)}\n`;
  const { problems } = error;
  const count =
    problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return `${problems.map(describeProblem).join("\n")}\n${count}\n`;
};
