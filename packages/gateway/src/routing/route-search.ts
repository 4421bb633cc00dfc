import type { RequestFields } from "./route.ts";

/** What is searched for, and what is found on the way. Matching is synchronous, so a table needs only one. */
export interface RouteSearch {
  path: string;
  method: string;
  fields: RequestFields;
  /** Where the values of parameters begin and end in the path, on the way down to the current node. */
  readonly starts: number[];
  readonly ends: number[];
  /** Methods of routes that would take the request but for its method. */
  allow: ReadonlySet<string> | undefined;
}

const noFields: RequestFields = {
  header: () => undefined,
  query: () => undefined,
};

export const createSearch = (): RouteSearch => ({
  path: "",
  method: "",
  fields: noFields,
  starts: [],
  ends: [],
  allow: undefined,
});

/** Begins a search. */
export const beginSearch = (
  search: RouteSearch,
  path: string,
  method: string,
  fields: RequestFields,
): void => {
  search.path = path;
  search.method = method;
  search.fields = fields;
  search.allow = undefined;
};
