import {
  instanceHeader,
  nonceHeader,
  paddingOf,
  sha256,
  type Evidence,
} from "../evidence.ts";
import type { WireAnswer } from "./answer-reader.ts";
import type { Outcome, WireRequest } from "./client.ts";

/**
 * What a client can say about what it got: the right answer, an error the service itself made, a clear problem+json of
 * the gateway, an answer that was visibly cut, or something it must never get.
 */
export type Verdict =
  | { readonly kind: "right" | "service-error"; readonly instance: string }
  | { readonly kind: "problem"; readonly status: number }
  | { readonly kind: "cut" }
  | { readonly kind: "wrong"; readonly why: string };

/** Judges what came back for a request whose fields carry a nonce of its own. */
export const judge = (request: WireRequest, outcome: Outcome): Verdict => {
  switch (outcome.kind) {
    case "cut":
      return { kind: "cut" };
    case "silent":
      return { kind: "wrong", why: "no answer and no end" };
    case "malformed":
      return { kind: "wrong", why: `malformed: ${outcome.why}` };
    case "answered": {
      const type = outcome.answer.headers.get("content-type");
      return type === "application/problem+json"
        ? judgeProblem(outcome.answer)
        : judgeService(request, outcome.answer);
    }
  }
};

const judgeProblem = (answer: WireAnswer): Verdict => {
  const problem = parse(answer) as Record<string, unknown> | undefined;
  if (problem === undefined) return wrong(answer, "is no JSON");
  if (answer.status < 400) return wrong(answer, "is a problem without error");
  if (problem["status"] !== answer.status)
    return wrong(answer, `says status ${String(problem["status"])}`);
  const id = answer.headers.get("x-request-id");
  if (id === undefined || problem["requestId"] !== id)
    return wrong(answer, "lacks the request id");
  if (typeof problem["title"] !== "string" || !problem["detail"])
    return wrong(answer, "does not say what went wrong");
  if (!answer.headers.has("proxy-status"))
    return wrong(answer, "lacks Proxy-Status");
  return { kind: "problem", status: answer.status };
};

const judgeService = (request: WireRequest, answer: WireAnswer): Verdict => {
  const evidence = parse(answer) as Evidence | undefined;
  if (evidence === undefined) return wrong(answer, "is no JSON");
  const nonce = request.fields[nonceHeader] ?? "";
  const [, service = ""] = request.target.split(/[/?]/);
  const bytes = new URL(request.target, "http://demo").searchParams.get(
    "bytes",
  );
  const expected: readonly [string, unknown, unknown][] = [
    ["nonce field", answer.headers.get(nonceHeader), nonce],
    ["nonce", evidence.nonce, nonce],
    ["service", evidence.service, service],
    ["method", evidence.method, request.method],
    ["target", evidence.target, request.target],
    ["body checksum", evidence.bodySha256, sha256(request.body)],
    ["padding", evidence.padding, paddingOf(nonce, Number(bytes ?? 0))],
    ["instance", answer.headers.get(instanceHeader), evidence.instance],
  ];
  for (const [name, got, wanted] of expected)
    if (got !== wanted)
      return wrong(answer, `has ${name} ${show(got)}, not ${show(wanted)}`);
  const kind = answer.status < 400 ? "right" : "service-error";
  return { kind, instance: evidence.instance };
};

const wrong = (answer: WireAnswer, why: string): Verdict => ({
  kind: "wrong",
  why: `the answer ${answer.status} ${why}`,
});

const show = (value: unknown): string => String(value).slice(0, 60);

const parse = (answer: WireAnswer): unknown => {
  try {
    return JSON.parse(answer.body.toString("utf8"));
  } catch {
    return undefined;
  }
};
