import type { MadeUpBid, WhatIfAsked } from '@/generated/window';
import { describe, expect, it } from 'vitest';
import { another, fitted, MOST_BIDS, without } from './bids';
import { History } from './history';
import { latest } from './latest';
import { inView, lineAt, lineCount } from './lines';

describe('history', () => {
  it('takes steps of form and text back in order, and again', () => {
    const history = new History();
    history.record('a', 0, false);
    history.record('ab', 10, true);
    history.record('abc', 20, true);
    history.record('abcd', 5000, true);
    expect(history.undo('abcde')).toBe('abcd');
    expect(history.undo('abcd')).toBe('ab');
    expect(history.redo('ab')).toBe('abcd');
    expect(history.undo('abcd')).toBe('ab');
    expect(history.undo('ab')).toBe('a');
    expect(history.undo('a')).toBeNull();
    history.record('a', 6000, true);
    expect(history.redo('x')).toBeNull();
  });
  it('is bounded in steps and in length', () => {
    const history = new History();
    for (let n = 0; n < 1000; n += 1) history.record(String(n), n, false);
    expect(history.steps.back).toBe(200);
    const long = 'x'.repeat(3_000_000);
    for (let n = 0; n < 5; n += 1) history.record(long, n, false);
    expect(history.steps.back).toBe(2);
  });
});

describe('latest', () => {
  it('asks one at a time, skips what is overtaken, and drops stale answers', async () => {
    const asked: number[] = [];
    const answers: (() => void)[] = [];
    const told: number[] = [];
    const ask = latest<number, number>(
      (input) => {
        asked.push(input);
        return new Promise((resolve) => answers.push(() => resolve(input * 10)));
      },
      (answer) => told.push(answer),
      () => told.push(-1),
    );
    ask(1);
    ask(2);
    ask(3);
    expect(asked).toEqual([1]);
    answers.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(asked).toEqual([1, 3]);
    expect(told).toEqual([]);
    answers.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(told).toEqual([30]);
  });
});

describe('made-up bids', () => {
  const bid: MadeUpBid = { price: '100', technical: '50', blocks: [['T', '30']], attributes: ['small'], facts: [] };
  const asked: WhatIfAsked = { technical: '60', blocks: [{ id: 'T', title: { zh: '', en: '' }, most: '40' }, { id: 'B', title: { zh: '', en: '' }, most: '20' }], attributes: [], facts: ['area'], drawn: [], bids: [{ ...bid, blocks: [['T', '1'], ['B', '2']], facts: [['area', '7']] }] };
  it('keep what was typed and get what is asked besides', () => {
    expect(fitted([bid], asked)[0]).toEqual({ price: '100', technical: '50', blocks: [['T', '30'], ['B', '2']], attributes: [], facts: [['area', '7']] });
  });
  it('are added like the last and taken out, within bounds', () => {
    expect(another([bid], asked)).toEqual([bid, bid]);
    expect(another(Array.from({ length: MOST_BIDS }, () => bid), asked)).toHaveLength(MOST_BIDS);
    expect(without([bid, bid, bid], 0, 2)).toEqual({ bids: [bid, bid], picked: 1 });
    expect(without([bid], 0, 0)).toEqual({ bids: [], picked: 0 });
  });
});

describe('lines', () => {
  it('are found by number, the last one beyond the end', () => {
    expect(lineAt('ab\ncd\n', 2)).toEqual({ from: 3, to: 5 });
    expect(lineAt('ab\ncd', 9)).toEqual({ from: 3, to: 5 });
    expect(lineCount('ab\ncd\n')).toBe(3);
    expect(inView(40, 60, 20, 100)).toEqual([2, 3, 4, 5, 6]);
    expect(inView(0, 60, 20, 2)).toEqual([1, 2]);
  });
});
