/** 20 characters, and new string objects each time: a server too cuts its keys from requests. */
export const keyOf = (index: number): string =>
  `client-${index}`.padEnd(20, ".");

/** So many keys in an order that no cache can guess; the same in every run. */
export const shuffledKeys = (count: number): readonly string[] => {
  const keys = Array.from({ length: count }, (_, index) => keyOf(index));
  let state = 1;
  for (let index = keys.length - 1; index > 0; index--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (index + 1);
    [keys[index], keys[other]] = [keys[other] ?? "", keys[index] ?? ""];
  }
  return keys;
};

export const expectNone = (wrong: number, what: string): void => {
  if (wrong > 0) throw new Error(`${what}: ${wrong} wrong answers`);
};
