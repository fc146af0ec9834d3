import { describe, expect, it } from 'vitest';
import { amount, formula, fraction, grouped } from './numbers';

describe('numbers of the result', () => {
  it('groups long numbers and leaves the others', () => {
    expect(grouped('5862292.00')).toBe('5,862,292.00');
    expect(grouped('≈ 5862292.1')).toBe('≈ 5,862,292.1');
    expect(grouped('87.25')).toBe('87.25');
    expect(grouped('1340480700/48852433')).toBe('1340480700/48852433');
  });
  it('shows amounts with two places at least', () => {
    expect(amount('5361922.8')).toBe('5,361,922.80');
    expect(amount('5361922')).toBe('5,361,922.00');
    expect(amount('≈ 5361922.805')).toBe('≈ 5,361,922.805');
    expect(amount('900')).toBe('900.00');
    expect(amount('—')).toBe('—');
  });
  it('takes fractions apart and writes the signs people read', () => {
    expect(fraction('1340480700/48852433')).toEqual(['1340480700', '48852433']);
    expect(fraction('27.44')).toBeNull();
    expect(formula('base / price x 30')).toBe('base ÷ price × 30');
  });
});
