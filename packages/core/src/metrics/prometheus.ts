import type { MetricFamily, MetricSample, MetricSource } from "./metric.ts";

const escapeLabel = (text: string): string =>
  text.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
const escapeHelp = (text: string): string =>
  text.replace(/[\\\n]/g, (char) => (char === "\n" ? "\\n" : "\\\\"));

const number = (value: number): string =>
  Number.isNaN(value)
    ? "NaN"
    : value === Infinity
      ? "+Inf"
      : value === -Infinity
        ? "-Inf"
        : String(value);

const labelText = (
  labels: Readonly<Record<string, string>>,
  le?: string,
): string => {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escapeLabel(value)}"`,
  );
  if (le !== undefined) pairs.push(`le="${le}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
};

const renderSample = (family: MetricFamily, sample: MetricSample): string => {
  const { labels, value } = sample;
  if (family.type !== "histogram")
    return `${family.name}${labelText(labels)} ${number(value)}\n`;
  let text = "";
  for (const bucket of sample.buckets ?? []) {
    text += `${family.name}_bucket${labelText(labels, number(bucket.le))} ${number(bucket.count)}\n`;
  }
  return `${text}${family.name}_bucket${labelText(labels, "+Inf")} ${number(value)}
${family.name}_sum${labelText(labels)} ${number(sample.sum ?? 0)}
${family.name}_count${labelText(labels)} ${number(value)}
`;
};

/**
 * The sources as Prometheus text, format 0.0.4 (serve it as `text/plain; version=0.0.4`).
 * Families of one name from several sources are put together under one heading, the first help and type winning.
 */
export const renderPrometheus = (sources: Iterable<MetricSource>): string => {
  const families = new Map<string, { heading: string; samples: string }>();
  for (const source of sources) {
    for (const family of source.metrics()) {
      let entry = families.get(family.name);
      if (entry === undefined) {
        entry = {
          heading: `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`,
          samples: "",
        };
        families.set(family.name, entry);
      }
      for (const sample of family.samples)
        entry.samples += renderSample(family, sample);
    }
  }
  return [...families.values()]
    .map(({ heading, samples }) => heading + samples)
    .join("");
};
