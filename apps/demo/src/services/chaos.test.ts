import { describe, expect, it } from "vitest";
import { parseChaos } from "./chaos.ts";

describe("parseChaos", () => {
  it.each([
    "{}",
    '{"latencyMs":200,"errorRate":0.3,"loseAnswers":1,"crashAt":"ship","crash":true}',
    '{"latencyMs":0,"crashAt":""}',
  ])("takes %s", (body) => {
    expect(parseChaos(body)).toEqual(JSON.parse(body));
  });

  it.each([
    [
      "no JSON",
      "send JSON: { latencyMs, errorRate, loseAnswers, crashAt, crash }",
    ],
    [
      "[]",
      "send an object: { latencyMs, errorRate, loseAnswers, crashAt, crash }",
    ],
    ['{"latencyMs":-1}', "latencyMs must be 0 to 60000"],
    ['{"latencyMs":"5"}', "latencyMs must be 0 to 60000"],
    ['{"errorRate":1.5}', "errorRate must be 0 to 1"],
    ['{"loseAnswers":2}', "loseAnswers must be 0 to 1"],
    ['{"crashAt":true}', "crashAt must be the name of a step, or empty"],
    ['{"crash":1}', "crash must be true or false"],
    [
      '{"colour":1}',
      "there is no switch colour: latencyMs, errorRate, loseAnswers, crashAt, crash",
    ],
  ])("refuses %s", (body, why) => {
    expect(parseChaos(body)).toBe(why);
  });
});
