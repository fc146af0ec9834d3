import { describe, expect, it } from 'vitest';
import { lacking, mostPlaces, places } from './decimals';

describe('decimals', () => {
  it('counts digits after the point', () => {
    expect(['', '12', '8.5', '0.25'].map(places)).toEqual([0, 0, 1, 2]);
    expect(mostPlaces(['12', '8.5', '0.25'])).toBe(2);
    expect(mostPlaces([])).toBe(0);
  });
  it('gives each number the room that its missing digits and point would take', () => {
    expect(lacking('0.25', 2)).toBe(0);
    expect(lacking('8.5', 2)).toBe(1);
    expect(lacking('12', 2)).toBe(2.5);
  });
  it('leaves alone what is no number', () => {
    expect(lacking('', 2)).toBe(0);
    expect(lacking('—', 2)).toBe(0);
  });
});
