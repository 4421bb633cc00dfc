type Value = string | number;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Text as it may stand between tags and in attributes. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);

/** Coordinates keep a tenth of a pixel: no eye sees more, and the file stays the same on every machine. */
const valueText = (value: Value): string =>
  typeof value === "number"
    ? String(Math.round(value * 10) / 10)
    : escapeText(value);

/** One element, its children indented below it. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, Value>>,
  children: readonly string[] = [],
): string => {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${valueText(value)}"`,
  );
  const head = `<${name}${pairs.join("")}`;
  if (children.length === 0) return `${head}/>`;
  const body = children.join("\n").replaceAll("\n", "\n  ");
  return `${head}>\n  ${body}\n</${name}>`;
};

/** An element that holds nothing but text. */
export const textElement = (
  name: string,
  attributes: Readonly<Record<string, Value>>,
  text: string,
): string => {
  const empty = element(name, attributes);
  return `${empty.slice(0, -2)}>${escapeText(text)}</${name}>`;
};
