// Which part of a long list is drawn. It moves by whole blocks, so that most frames of a scroll draw nothing anew.

/** Rows of a block. */
const BLOCK = 8;

/** First and one past the last of the blocks that show, with one block more on each side. */
export function drawn(offset: number, room: number, size: number, count: number, block = BLOCK): { readonly start: number; readonly end: number } {
  const long = size * block;
  const start = (Math.floor(offset / long) - 1) * block;
  const end = (Math.ceil((offset + room) / long) + 1) * block;
  return { start: Math.max(0, Math.min(start, count)), end: Math.max(0, Math.min(end, count)) };
}
