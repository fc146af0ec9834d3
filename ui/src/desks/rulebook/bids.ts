// Made-up bids, typed as text; what they get is computed elsewhere.
import type { MadeUpBid, WhatIfAsked } from '@/generated/window';

export const MOST_BIDS = 60;

/** The bids with whatever the rulebook asks of each now; what was typed stays. */
export function fitted(bids: readonly MadeUpBid[], asked: WhatIfAsked): MadeUpBid[] {
  const example = asked.bids[0];
  const own = (list: readonly [string, string][], name: string): string | undefined => list.find(([id]) => id === name)?.[1];
  return bids.map((bid) => ({
    price: bid.price,
    technical: bid.technical === '' ? (example?.technical ?? '') : bid.technical,
    blocks: asked.blocks.map(({ id }) => [id, own(bid.blocks, id) ?? own(example?.blocks ?? [], id) ?? '']),
    attributes: bid.attributes.filter((one) => asked.attributes.some(({ attribute }) => attribute === one)),
    facts: asked.facts.map((fact) => [fact, own(bid.facts, fact) ?? own(example?.facts ?? [], fact) ?? '']),
  }));
}

/** One more, like the last. */
export function another(bids: readonly MadeUpBid[], asked: WhatIfAsked): MadeUpBid[] {
  const last = bids[bids.length - 1] ?? asked.bids[0];
  return last === undefined || bids.length >= MOST_BIDS ? [...bids] : [...bids, { ...last, attributes: [...last.attributes] }];
}

/** Without one; the picked one stays picked. */
export function without(bids: readonly MadeUpBid[], at: number, picked: number): { bids: MadeUpBid[]; picked: number } {
  const left = bids.filter((_, index) => index !== at);
  const moved = picked > at ? picked - 1 : picked;
  return { bids: left, picked: Math.max(0, Math.min(moved, left.length - 1)) };
}
