const mark = "\ufeff";

/** The text without the byte order mark that editors and shells of Windows put before it, which is no JSON. */
export const unmarked = (text: string): string =>
  text.startsWith(mark) ? text.slice(mark.length) : text;
