import { expect, it } from 'vitest';
import { move, nextGap } from './moves';

const order = { bidders: ['B1', 'B2'], criteria: ['t1', 't2', 't3'] };

it('goes down the criteria and stays at the edges', () => {
  expect(move({ bidder: 'B1', criterion: 't1' }, order, 'next')).toEqual({ bidder: 'B1', criterion: 't2' });
  expect(move({ bidder: 'B1', criterion: 't3' }, order, 'next')).toEqual({ bidder: 'B1', criterion: 't3' });
  expect(move({ bidder: 'B1', criterion: 't1' }, order, 'previous')).toEqual({ bidder: 'B1', criterion: 't1' });
});

it('changes the bid while the criterion stays', () => {
  expect(move({ bidder: 'B1', criterion: 't2' }, order, 'next_bid')).toEqual({ bidder: 'B2', criterion: 't2' });
  expect(move({ bidder: 'B2', criterion: 't2' }, order, 'next_bid')).toEqual({ bidder: 'B2', criterion: 't2' });
  expect(move({ bidder: 'B2', criterion: 't2' }, order, 'previous_bid')).toEqual({ bidder: 'B1', criterion: 't2' });
});

it('finds gaps in the order of the sheet, round again', () => {
  const gaps = new Set(['B1/t1', 'B2/t3']);
  const isGap = (bidder: string, criterion: string): boolean => gaps.has(`${bidder}/${criterion}`);
  expect(nextGap({ bidder: 'B1', criterion: 't1' }, order, isGap)).toEqual({ bidder: 'B2', criterion: 't3' });
  expect(nextGap({ bidder: 'B2', criterion: 't3' }, order, isGap)).toEqual({ bidder: 'B1', criterion: 't1' });
  gaps.clear();
  expect(nextGap({ bidder: 'B1', criterion: 't1' }, order, isGap)).toBeNull();
});

it('survives a sheet without bids', () => {
  const none = { bidders: [], criteria: [] };
  expect(move({ bidder: '', criterion: '' }, none, 'next')).toEqual({ bidder: '', criterion: '' });
  expect(nextGap({ bidder: '', criterion: '' }, none, () => true)).toBeNull();
});
