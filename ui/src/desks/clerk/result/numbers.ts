// Numbers of the result for people: text in, text out.
import { money } from '@/format';

const AMOUNT = /^(≈ )?(-?\d+)(\.\d+)?$/;

/** 5862292.00 -> 5,862,292.00; what is no plain decimal stays as it is. */
export function grouped(text: string): string {
  const found = AMOUNT.exec(text);
  if (!found || (found[2]?.length ?? 0) < 5) return text;
  return `${found[1] ?? ''}${money(`${found[2] ?? ''}${found[3] ?? ''}`)}`;
}

/** An amount in a column of amounts: two places at least, so that the points stand under each other. */
export function amount(text: string): string {
  const found = AMOUNT.exec(text);
  if (!found) return text;
  return `${found[1] ?? ''}${money(`${found[2] ?? ''}${(found[3] ?? '.').padEnd(3, '0')}`)}`;
}

/** 1340480700/48852433 in its two halves; `null` where it is no fraction. */
export function fraction(text: string): [string, string] | null {
  const found = /^(-?\d+)\/(\d+)$/.exec(text);
  return found?.[1] && found[2] ? [found[1], found[2]] : null;
}

/** The formula with the signs people read. */
export function formula(text: string): string {
  return text.replace(/ x /g, ' × ').replace(/ \/ /g, ' ÷ ').replace(/ - /g, ' − ');
}
