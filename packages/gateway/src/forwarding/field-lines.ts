/**
 * Field sections as text: lines of `name: value`, each with its CRLF. These are the rare operations; the common case
 * copies such text whole.
 */

/** The value of the first field `name` (lower case), all of them joined by a comma when there are several. */
export const fieldValue = (lines: string, name: string): string | undefined => {
  let value: string | undefined;
  forEachLine(lines, (line) => {
    const colon = line.indexOf(":");
    if (line.slice(0, colon).toLowerCase() !== name) return;
    const text = line.slice(colon + 1).trim();
    value = value === undefined ? text : `${value}, ${text}`;
  });
  return value;
};

/** The lines without those whose name, in lower case, `dropped` accepts. */
export const withoutFields = (
  lines: string,
  dropped: (name: string) => boolean,
): string => {
  let kept = "";
  forEachLine(lines, (line) => {
    if (!dropped(line.slice(0, line.indexOf(":")).toLowerCase()))
      kept += `${line}\r\n`;
  });
  return kept;
};

const forEachLine = (lines: string, visit: (line: string) => void): void => {
  let start = 0;
  for (
    let end = lines.indexOf("\r\n");
    end >= 0;
    end = lines.indexOf("\r\n", start)
  ) {
    visit(lines.slice(start, end));
    start = end + 2;
  }
};
