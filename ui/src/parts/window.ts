// Which part of a long list is drawn. It moves by whole blocks, so that most frames of a scroll draw nothing anew.

/** Rows or columns of a block. */
const BLOCK = 8;

/** First and one past the last of the blocks that show, with one block more on each side. */
export function drawn(offset: number, room: number, size: number, count: number): { readonly start: number; readonly end: number } {
  const block = size * BLOCK;
  const start = (Math.floor(offset / block) - 1) * BLOCK;
  const end = (Math.ceil((offset + room) / block) + 1) * BLOCK;
  return { start: Math.max(0, Math.min(start, count)), end: Math.max(0, Math.min(end, count)) };
}
