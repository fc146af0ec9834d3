import { describe, expect, it } from 'vitest';
import { drawn } from './window';

describe('drawn', () => {
  it('holds whatever shows, within the list', () => {
    for (let offset = 0; offset <= 32 * 100; offset += 7) {
      const { start, end } = drawn(offset, 640, 32, 100);
      const first = Math.floor(offset / 32);
      const last = Math.min(99, Math.ceil((offset + 640) / 32) - 1);
      expect(start).toBeLessThanOrEqual(Math.min(first, 100));
      expect(end).toBeGreaterThan(Math.min(last, 99));
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(100);
      expect(end - start).toBeLessThanOrEqual(20 + 4 * 8);
    }
  });
  it('stays while a scroll stays within a block', () => {
    expect(drawn(8 * 32 * 3, 640, 32, 10_000)).toEqual(drawn(8 * 32 * 3 + 100, 640, 32, 10_000));
  });
  it('draws nothing of nothing', () => {
    expect(drawn(0, 640, 32, 0)).toEqual({ start: 0, end: 0 });
  });
});
