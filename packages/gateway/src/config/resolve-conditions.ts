import type { RouteConditions } from "../routing/route.ts";
import type { RouteConfig } from "./types.ts";

/** A route's conditions as the table takes them: host and header names in lower case, nothing that is empty. */
export const resolveConditions = (
  route: Pick<RouteConfig, "path" | "host" | "methods" | "match">,
): RouteConditions => ({
  path: route.path,
  host: route.host?.toLowerCase(),
  methods: route.methods,
  headers: lowerCaseNames(route.match?.headers),
  query: emptyIsNone(route.match?.query),
});

type Texts = Readonly<Record<string, string>>;

const lowerCaseNames = (headers: Texts | undefined): Texts | undefined =>
  emptyIsNone(
    headers &&
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name.toLowerCase(),
          value,
        ]),
      ),
  );

const emptyIsNone = (texts: Texts | undefined): Texts | undefined =>
  texts === undefined || Object.keys(texts).length === 0 ? undefined : texts;
