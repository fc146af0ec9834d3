// Geometry of a document as one long strip of pages: sizes are known before any picture, so nothing jumps.
export type Zoom = 'width' | 'page' | number;

export interface Strip {
  readonly tops: readonly number[];
  readonly heights: readonly number[];
  readonly widths: readonly number[];
  readonly total: number;
  readonly width: number;
}

/** Space between pages and around them. */
export const GAP = 12;
/** Zooms in percent; 100 is the size on paper. */
export const ZOOMS: readonly number[] = [50, 67, 80, 100, 125, 150, 200, 300];
const POINT = 96 / 72;

/** The size that most pages have. */
function usual(pages: readonly (readonly [number, number])[]): readonly [number, number] {
  const widths = pages.map((page) => page[0]).sort((a, b) => a - b);
  const width = widths[Math.floor(widths.length / 2)] ?? 595;
  return pages.find((page) => page[0] === width) ?? [595, 842];
}

/** CSS pixels a point. */
export function scaleOf(zoom: Zoom, pages: readonly (readonly [number, number])[], width: number, height: number): number {
  if (typeof zoom === 'number') return (zoom / 100) * POINT;
  const [w, h] = usual(pages);
  const across = Math.max(40, width - 2 * GAP) / w;
  if (zoom === 'width') return across;
  return Math.min(across, Math.max(40, height - 2 * GAP) / h);
}

/** The zoom in percent nearest above or below. */
export function nextZoom(scale: number, up: boolean): number {
  const now = (scale / POINT) * 100;
  const list = up ? ZOOMS : [...ZOOMS].reverse();
  const found = list.find((zoom) => (up ? zoom > now + 1 : zoom < now - 1));
  return found ?? list[list.length - 1] ?? 100;
}

export function strip(pages: readonly (readonly [number, number])[], scale: number): Strip {
  const tops: number[] = [];
  const heights = pages.map((page) => Math.round(page[1] * scale));
  const widths = pages.map((page) => Math.round(page[0] * scale));
  let total = GAP;
  for (const height of heights) {
    tops.push(total);
    total += height + GAP;
  }
  return { tops, heights, widths, total, width: Math.max(0, ...widths) + 2 * GAP };
}

/** Index of the page at a height of the strip. */
export function pageAt(of: Strip, y: number): number {
  let low = 0;
  let high = of.tops.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((of.tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** A place in the document that holds at every zoom: pages before it, and the part of its page. */
export function placeAt(of: Strip, y: number): number {
  const page = pageAt(of, y);
  const height = (of.heights[page] ?? 1) + GAP;
  return page + Math.max(0, Math.min(0.999, (y - (of.tops[page] ?? 0)) / height));
}

export function heightOf(of: Strip, place: number): number {
  const page = Math.max(0, Math.min(of.tops.length - 1, Math.floor(place)));
  return (of.tops[page] ?? 0) + (place - page) * ((of.heights[page] ?? 0) + GAP);
}

/** Pages to keep alive: those in view and one neighbour on each side, at most `most`. */
export function alive(of: Strip, top: number, height: number, most = 6): number[] {
  if (of.tops.length === 0) return [];
  const first = pageAt(of, top);
  const last = pageAt(of, top + height);
  const list: number[] = [];
  for (let page = first; page <= last; page += 1) list.push(page);
  if (last + 1 < of.tops.length) list.push(last + 1);
  if (first > 0) list.push(first - 1);
  return list.slice(0, Math.max(most, 1)).sort((a, b) => a - b);
}
