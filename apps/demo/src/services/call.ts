/** What a service gets to see of a request. */
export interface Call {
  readonly method: string;
  /** Path and query as they arrived, without what marks a call between instances. */
  readonly target: string;
  /** Below the service's own prefix, decoded: `['items', '7']` for `/catalog/items/7`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface CallAnswer {
  readonly status: number;
  readonly content: unknown;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** Sent alone and as it is, for people. */
  readonly text?: string | undefined;
}

/** What an answer that is no success says at least. */
export const problem = (status: number, text: string): CallAnswer => ({
  status,
  content: { problem: text },
});

const segmentOf = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The call that a request to a service is; `url` begins with the service's prefix. */
export const callOf = (
  method: string,
  url: URL,
  fields: Readonly<Record<string, unknown>>,
  body: string,
): Call => ({
  method,
  target: url.pathname + url.search,
  path: url.pathname.split("/").slice(2).map(segmentOf),
  query: url.searchParams,
  fields: fields as Record<string, string>,
  body,
});
