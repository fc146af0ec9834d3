import { describe, expect, it } from 'vitest';
import type { CriterionKind } from '@/generated/window';
import { byteLength, judge, normal, plain, typeAhead } from './score';

const range = (min: string, max: string, step: string): CriterionKind => ({ kind: 'range', min, max, step });
const half = range('0', '8', '0.5');

describe('a score in a range', () => {
  it.each(['0', '8', '6.5', '06.50', ' 6.5 ', '６．５', '6。5', '.5'])('takes %s', (typed) => {
    expect(judge(typed, half).state).toBe('valid');
  });
  it('sends the plain form', () => {
    expect(judge('06.50', half)).toEqual({ state: 'valid', value: '6.5' });
    expect(judge('.5', half)).toEqual({ state: 'valid', value: '0.5' });
  });
  it.each([
    ['8.5', 'above'],
    ['9', 'above'],
    ['-1', 'below'],
    ['6.3', 'step'],
    ['6.55', 'step'],
    ['x', 'form'],
    ['1e1', 'form'],
    ['6.5.', 'form'],
    ['6,5', 'form'],
  ])('marks %s', (typed, why) => {
    expect(judge(typed, half)).toEqual({ state: 'invalid', why });
  });
  it('waits for the next key where it may still become one', () => {
    expect(judge('6.', half).state).toBe('incomplete');
    expect(judge('6.2', range('0', '8', '0.25')).state).toBe('incomplete');
    expect(judge('1', range('5', '10', '1')).state).toBe('incomplete');
    expect(judge('-', range('-5', '5', '1')).state).toBe('incomplete');
    expect(judge('-', half).state).toBe('invalid');
  });
  it('counts steps from the least value', () => {
    expect(judge('1.5', range('0.5', '3.5', '1')).state).toBe('valid');
    expect(judge('1', range('0.5', '3.5', '1')).state).not.toBe('valid');
    expect(judge('-2.5', range('-3', '3', '0.5')).state).toBe('valid');
  });
  it('is exact where floats are not', () => {
    expect(judge('0.3', range('0', '1', '0.1')).state).toBe('valid');
    expect(judge('0.30000000000000004', range('0', '1', '0.1')).state).toBe('invalid');
    expect(judge('9007199254740993', range('0', '9007199254740993', '1')).state).toBe('valid');
    expect(judge('9007199254740994', range('0', '9007199254740993', '1')).state).toBe('invalid');
  });
  it('knows nothing typed from zero', () => {
    expect(judge('  ', half)).toEqual({ state: 'empty' });
    expect(judge('0', half)).toEqual({ state: 'valid', value: '0' });
  });
});

describe('fixed values', () => {
  const fixed: CriterionKind = { kind: 'fixed', values: ['0', '2', '5', '8', '10', '12.5'] };
  it('keeps the form of the list', () => {
    expect(judge('5.0', fixed)).toEqual({ state: 'valid', value: '5' });
    expect(judge('12.50', fixed)).toEqual({ state: 'valid', value: '12.5' });
  });
  it('marks what is not in the list', () => {
    expect(judge('3', fixed)).toEqual({ state: 'invalid', why: 'value' });
    expect(judge('1', fixed)).toEqual({ state: 'incomplete', why: 'value' });
  });
  it('chooses digit by digit', () => {
    const values = ['0', '2', '5', '8', '10'];
    expect(typeAhead('', '5', values)).toEqual({ buffer: '5', value: '5' });
    expect(typeAhead('', '1', values)).toEqual({ buffer: '1', value: null });
    expect(typeAhead('1', '0', values)).toEqual({ buffer: '10', value: '10' });
    expect(typeAhead('5', '8', values)).toEqual({ buffer: '8', value: '8' });
    expect(typeAhead('5', '7', values)).toEqual({ buffer: '', value: null });
  });
});

it('passes or fails', () => {
  expect(judge('pass', { kind: 'pass_fail' })).toEqual({ state: 'valid', value: 'pass' });
  expect(judge('maybe', { kind: 'pass_fail' }).state).toBe('invalid');
});

it('reads what an input method writes', () => {
  expect(normal('－１．５')).toBe('-1.5');
  expect(plain('0.0')).toBe('0');
  expect(plain('-0')).toBe('0');
  expect(plain('10')).toBe('10');
  expect(plain('100.0')).toBe('100');
  expect(byteLength('评a')).toBe(4);
});

it('a score of tiers lies within one of them, on its step, or is that of what is missing', () => {
  const tier = (min: string, max: string) => ({ name: { zh: '优', en: 'Good' }, min, max });
  const kind: CriterionKind = { kind: 'tiers', tiers: [tier('8', '10'), tier('4', '6')], step: '0.5', missing: '0' };
  for (const value of ['8', '9.5', '10', '4', '6', '0']) expect(judge(value, kind)).toEqual({ state: 'valid', value });
  expect(judge('7', kind)).toEqual({ state: 'invalid', why: 'value' });
  expect(judge('9.25', kind)).toEqual({ state: 'invalid', why: 'step' });
  expect(judge('11', kind)).toEqual({ state: 'invalid', why: 'value' });
  expect(judge('1', kind).state).toBe('incomplete');
});
