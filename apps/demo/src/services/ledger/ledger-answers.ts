import { problem, type Call, type CallAnswer } from "../call.ts";
import type { Deed } from "./deeds.ts";

/** The fields of a call's JSON body; none if it is no JSON object. */
export const bodyOf = ({ body }: Call): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
};

/** What a ledger answers to whoever wanted the deed: `content` if it is done, `refusal` is the status if it cannot be. */
export const answerOf = (
  deed: Deed,
  refusal: number,
  content: object,
): CallAnswer => {
  switch (deed.kind) {
    case "done":
      return { status: deed.isRepeat ? 200 : 201, content };
    case "refused":
      return problem(refusal, deed.why);
    case "void":
      return problem(410, "this was undone and will not be done any more");
    case "other":
      return problem(422, "this key stands for something else");
  }
};
