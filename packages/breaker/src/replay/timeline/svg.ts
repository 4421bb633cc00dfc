/** What XML 1.0 has no way to write: control characters and halves of surrogate pairs. */
const unwritable =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Text as content or attribute of an element. What XML cannot say becomes `U+FFFD`. */
export const escapeText = (text: string): string =>
  text
    .replace(unwritable, "\ufffd")
    .replace(/[&<>"]/g, (character) => entities[character] ?? "");

/** A length in a drawing, to a hundredth. */
export const length = (value: number): string =>
  String(Number(value.toFixed(2)));

/** An element; attributes are numbers and texts that need no more than escaping, content is SVG. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: string = "",
): string => {
  const written = Object.entries(attributes)
    .map(([key, value]) => {
      const text =
        typeof value === "number" ? length(value) : escapeText(value);
      return ` ${key}="${text}"`;
    })
    .join("");
  return content === ""
    ? `<${name}${written}/>`
    : `<${name}${written}>${content}</${name}>`;
};

/** `at` on the left (or where `anchor` says), on the base line `y`. */
export const textAt = (
  x: number,
  y: number,
  text: string,
  attributes: Readonly<Record<string, string>> = {},
): string => element("text", { x, y, ...attributes }, escapeText(text));
