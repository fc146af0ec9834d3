// Whether what was typed is a score that the criterion allows: exact, on decimal text, never through floats.
import type { CriterionKind } from '@/generated/window';

export type Wrong = 'form' | 'below' | 'above' | 'step' | 'value';
export type Typed =
  | { readonly state: 'empty' }
  /** May still become a score with the next key. */
  | { readonly state: 'incomplete'; readonly why: Wrong }
  | { readonly state: 'valid'; readonly value: string }
  | { readonly state: 'invalid'; readonly why: Wrong };

interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

function parse(text: string): Decimal | null {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!found) return null;
  const [, sign = '', whole = '', fraction = ''] = found;
  return { digits: BigInt(`${sign}${whole}${fraction}`), places: fraction.length };
}

function at(value: Decimal, places: number): bigint {
  return value.digits * 10n ** BigInt(places - value.places);
}

function compare(a: Decimal, b: Decimal): number {
  const places = Math.max(a.places, b.places);
  const [left, right] = [at(a, places), at(b, places)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function onStep(value: Decimal, min: Decimal, step: Decimal): boolean {
  if (step.digits === 0n) return true;
  const places = Math.max(value.places, min.places, step.places);
  return (at(value, places) - at(min, places)) % at(step, places) === 0n;
}

/** Full-width digits and the stops of an input method count as what they stand for. */
export function normal(typed: string): string {
  const text = typed.normalize('NFKC').replace(/[。．｡]/g, '.').replace(/[−–—]/g, '-').trim();
  return text.startsWith('.') && text.length > 1 ? `0${text}` : text;
}

/** 06.50 -> 6.5 */
export function plain(text: string): string {
  const found = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text);
  if (!found) return text;
  const [, sign = '', whole = '', fraction = ''] = found;
  const shown = fraction === '' ? whole : `${whole}.${fraction}`;
  return shown === '0' ? '0' : `${sign}${shown}`;
}

function inRange(text: string, kind: Extract<CriterionKind, { kind: 'range' }>): Typed {
  const value = parse(text);
  const [min, max, step] = [parse(kind.min), parse(kind.max), parse(kind.step)];
  if (!value || !min || !max || !step) return { state: 'invalid', why: 'form' };
  if (compare(value, max) > 0) return { state: 'invalid', why: 'above' };
  if (compare(value, min) < 0) {
    const longer = text.includes('.') ? null : parse(`${text}0`);
    const mayGrow = longer !== null && compare(longer, max) <= 0 && value.digits > 0n;
    return { state: mayGrow ? 'incomplete' : 'invalid', why: 'below' };
  }
  if (!onStep(value, min, step)) {
    const mayGrow = text.includes('.') && value.places < Math.max(step.places, min.places);
    return { state: mayGrow ? 'incomplete' : 'invalid', why: 'step' };
  }
  return { state: 'valid', value: plain(text) };
}

/** Within one of the tiers, or the score of what is missing. */
function inTiers(text: string, kind: Extract<CriterionKind, { kind: 'tiers' }>): Typed {
  const judged = kind.tiers.map((tier) => inRange(text, { kind: 'range', min: tier.min, max: tier.max, step: kind.step }));
  const missing = kind.missing === null ? [] : [amongFixed(text, [kind.missing])];
  const all = [...judged, ...missing];
  const known = all.find((one) => one.state === 'valid') ?? all.find((one) => one.state === 'incomplete');
  if (known) return known;
  const offStep = judged.some((one) => one.state === 'invalid' && one.why === 'step');
  return { state: 'invalid', why: offStep ? 'step' : 'value' };
}

/** One of fixed values, in the form in which the list has it. */
function amongFixed(text: string, values: readonly string[]): Typed {
  const value = parse(text);
  if (!value) return { state: 'invalid', why: 'form' };
  const found = values.find((allowed) => {
    const known = parse(allowed);
    return known !== null && compare(known, value) === 0;
  });
  if (found !== undefined) return { state: 'valid', value: found };
  return { state: values.some((allowed) => allowed.startsWith(text)) ? 'incomplete' : 'invalid', why: 'value' };
}

/** Judges what was typed. What is not valid is never sent. */
export function judge(typed: string, kind: CriterionKind): Typed {
  const text = normal(typed);
  if (text === '') return { state: 'empty' };
  if (kind.kind === 'pass_fail') {
    return text === 'pass' || text === 'fail' ? { state: 'valid', value: text } : { state: 'invalid', why: 'value' };
  }
  const negative = kind.kind === 'range' && kind.min.startsWith('-');
  if (text === '-' && negative) return { state: 'incomplete', why: 'form' };
  if (text === '.' || /^-?\d+\.$/.test(text)) return { state: 'incomplete', why: 'form' };
  if (kind.kind === 'tiers') return inTiers(text, kind);
  return kind.kind === 'range' ? inRange(text, kind) : amongFixed(text, kind.values);
}

/** Typing a fixed value digit by digit: what the keys so far choose, and what to wait on. */
export function typeAhead(before: string, key: string, values: readonly string[]): { buffer: string; value: string | null } {
  for (const buffer of [before + key, key]) {
    if (values.some((value) => value.startsWith(buffer))) {
      return { buffer, value: values.find((value) => value === buffer) ?? null };
    }
  }
  return { buffer: '', value: null };
}

/** UTF-8 bytes of a reason. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
