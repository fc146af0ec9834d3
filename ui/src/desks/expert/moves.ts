// Where the keys go on a sheet: criteria down, bids across, gaps in the order of the sheet.
export interface Place {
  readonly bidder: string;
  readonly criterion: string;
}
export interface Order {
  readonly bidders: readonly string[];
  readonly criteria: readonly string[];
}
export type Move = 'next' | 'previous' | 'next_bid' | 'previous_bid' | 'first' | 'last';

function shifted(list: readonly string[], from: string, by: number): string {
  const found = list.indexOf(from);
  const at = Math.max(0, Math.min(list.length - 1, (found < 0 ? 0 : found) + by));
  return list[at] ?? from;
}

/** The place after a move; at an edge it stays. */
export function move(place: Place, order: Order, how: Move): Place {
  switch (how) {
    case 'next':
      return { ...place, criterion: shifted(order.criteria, place.criterion, 1) };
    case 'previous':
      return { ...place, criterion: shifted(order.criteria, place.criterion, -1) };
    case 'next_bid':
      return { ...place, bidder: shifted(order.bidders, place.bidder, 1) };
    case 'previous_bid':
      return { ...place, bidder: shifted(order.bidders, place.bidder, -1) };
    case 'first':
      return { ...place, criterion: order.criteria[0] ?? place.criterion };
    case 'last':
      return { ...place, criterion: order.criteria[order.criteria.length - 1] ?? place.criterion };
  }
}

/** The next gap after a place: on in the same bid, then the bids after it, then round again. */
export function nextGap(place: Place, order: Order, isGap: (bidder: string, criterion: string) => boolean): Place | null {
  const across = order.criteria.length;
  const total = across * order.bidders.length;
  const start = order.bidders.indexOf(place.bidder) * across + order.criteria.indexOf(place.criterion);
  for (let on = 1; on <= total; on += 1) {
    const at = (((start + on) % total) + total) % total;
    const bidder = order.bidders[Math.floor(at / across)];
    const criterion = order.criteria[at % across];
    if (bidder !== undefined && criterion !== undefined && isGap(bidder, criterion)) return { bidder, criterion };
  }
  return null;
}

/** A row or column of a table that is drawn. */
export interface Shown {
  readonly index: number;
  readonly id: string;
}
/** A column that is drawn, with its place. */
export interface Column extends Shown {
  readonly style: string;
}
