// Lines of a text: where each begins, and which of them are in view.

/** Offsets of the beginning and end of a line, from 1; the last one for a line beyond the end. */
export function lineAt(text: string, line: number): { from: number; to: number } {
  let from = 0;
  for (let n = 1; n < line; n += 1) {
    const next = text.indexOf('\n', from);
    if (next < 0) break;
    from = next + 1;
  }
  const end = text.indexOf('\n', from);
  return { from, to: end < 0 ? text.length : end };
}

export function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Numbers of the lines that show, from 1. */
export function inView(top: number, height: number, lineHeight: number, count: number): number[] {
  if (lineHeight <= 0) return [];
  const first = Math.max(1, Math.floor(top / lineHeight));
  const last = Math.min(count, Math.ceil((top + height) / lineHeight) + 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
}
