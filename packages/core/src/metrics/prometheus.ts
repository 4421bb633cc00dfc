import type { MetricFamily, MetricSample, MetricSource } from "./metric.ts";

const escapeLabel = (text: string): string =>
  text.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
const escapeHelp = (text: string): string =>
  text.replace(/[\\\n]/g, (char) => (char === "\n" ? "\\n" : "\\\\"));

const number = (value: number): string =>
  value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);

/** The labels as `a="1",b="2"`, by name: two spellings of one series become the same text. */
const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escapeLabel(labels[name] as string)}"`)
    .join(",");

const line = (name: string, labels: string, value: number): string =>
  `${name}${labels === "" ? "" : `{${labels}}`} ${number(value)}\n`;

const histogramLines = (
  name: string,
  labels: string,
  sample: MetricSample,
): string => {
  const before = labels === "" ? "" : `${labels},`;
  let text = "";
  for (const { le, count } of sample.buckets ?? [])
    text += line(`${name}_bucket`, `${before}le="${number(le)}"`, count);
  text += line(`${name}_bucket`, `${before}le="+Inf"`, sample.value);
  text += line(`${name}_sum`, labels, sample.sum ?? 0);
  return text + line(`${name}_count`, labels, sample.value);
};

interface Rendering {
  readonly type: MetricFamily["type"];
  readonly series: Set<string>;
  text: string;
}

const start = ({ name, help, type }: MetricFamily): Rendering => ({
  type,
  series: new Set(),
  text: `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`,
});

const add = (family: Rendering, name: string, sample: MetricSample): void => {
  const labels = labelText(sample.labels);
  if (family.series.has(labels)) return;
  family.series.add(labels);
  family.text +=
    family.type === "histogram"
      ? histogramLines(name, labels, sample)
      : line(name, labels, sample.value);
};

/**
 * The sources as Prometheus text, format 0.0.4 (serve it as `text/plain; version=0.0.4`). Families of one name are put
 * together under one heading, the first help and type winning. A series given twice is rendered once and the first
 * wins, as it does in Prometheus itself, so sources that can meet need a label that tells them apart. Names are taken
 * as they are. Cost: linear in the text.
 */
export const renderPrometheus = (sources: Iterable<MetricSource>): string => {
  const families = new Map<string, Rendering>();
  for (const source of sources) {
    for (const family of source.metrics()) {
      let rendering = families.get(family.name);
      if (rendering === undefined) {
        rendering = start(family);
        families.set(family.name, rendering);
      }
      for (const sample of family.samples) add(rendering, family.name, sample);
    }
  }
  return Array.from(families.values(), ({ text }) => text).join("");
};
