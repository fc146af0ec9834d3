// The lines of the opening hall for people.
import { money } from '@/format';
import type { HallBid, Words } from '@/generated/window';
import { words } from '@/i18n';

export type BidState = 'withdrawn' | 'failed' | 'opened' | 'ready' | 'waiting';

export function bidState(bid: HallBid): BidState {
  if (bid.withdrawn) return 'withdrawn';
  if (bid.failed) return 'failed';
  if (bid.opened) return 'opened';
  return bid.unlocked && bid.partials[1] > 0 && bid.partials[0] >= bid.partials[1] ? 'ready' : 'waiting';
}

/** What is read out in this hall, in the order in which it first appears. */
export function readColumns(bids: readonly HallBid[]): Words[] {
  const columns: Words[] = [];
  for (const bid of bids)
    for (const [label] of bid.readout) if (!columns.some((known) => known.zh === label.zh)) columns.push(label);
  return columns;
}

const AMOUNT = /^(-?\d+(?:\.\d+)?)(?: ([A-Z]{3}))?$/;

/** A value that was read out; amounts are grouped, with their unit. */
export function readValue(bid: HallBid, column: Words, unit: (currency: string) => string): string {
  const found = bid.readout.find(([label]) => label.zh === column.zh);
  if (!found) return '';
  const amount = AMOUNT.exec(found[1]);
  if (!amount?.[1]) return found[1];
  return amount[2] ? `${money(amount[1])} ${unit(amount[2])}` : amount[1];
}

/** Names a column for a key. */
export const columnKey = (column: Words): string => words(column);
