import { expect, it } from 'vitest';
import { alive, GAP, heightOf, nextZoom, pageAt, placeAt, scaleOf, strip } from './pages';

const a4: [number, number][] = Array.from({ length: 61 }, () => [595.276, 841.89]);

it('fits the usual page into the pane', () => {
  expect(scaleOf('width', a4, 619.276, 100)).toBeCloseTo(1);
  expect(scaleOf('page', a4, 2000, 841.89 + 2 * GAP)).toBeCloseTo(1);
  expect(scaleOf(100, a4, 1, 1)).toBeCloseTo(96 / 72);
  expect(nextZoom(96 / 72, true)).toBe(125);
  expect(nextZoom(96 / 72, false)).toBe(80);
  expect(nextZoom(4, true)).toBe(300);
});

it('finds pages by height and back', () => {
  const of = strip(a4, 1);
  expect(pageAt(of, 0)).toBe(0);
  expect(pageAt(of, heightOf(of, 40))).toBe(40);
  expect(placeAt(of, heightOf(of, 12.5))).toBeCloseTo(12.5, 5);
  expect(pageAt(of, of.total + 1e6)).toBe(60);
});

it('keeps few pages alive', () => {
  const of = strip(a4, 1);
  expect(alive(of, heightOf(of, 10), 700)).toEqual([9, 10, 11]);
  expect(alive(of, 0, 700)).toEqual([0, 1]);
  expect(alive(of, 0, 100_000).length).toBe(6);
  expect(alive(strip([], 1), 0, 500)).toEqual([]);
});
