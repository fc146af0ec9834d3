/** 10000 -> 10,000, the same in both languages. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
