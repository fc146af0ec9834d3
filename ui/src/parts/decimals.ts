// Decimal points stand under each other in a column of numbers, whatever places each is said to.

/** Digits after the point. */
export function places(value: string): number {
  const at = value.indexOf('.');
  return at < 0 ? 0 : value.length - at - 1;
}

/** Most digits after the point of any of them. */
export function mostPlaces(values: Iterable<string>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, places(value));
  return most;
}

/** What a number lacks at its right, in widths of a digit; a point is half as wide in the fonts of the program. */
export function lacking(value: string, most: number): number {
  const has = places(value);
  if (has >= most || !/\d/.test(value)) return 0;
  return most - has + (has === 0 ? 0.5 : 0);
}
