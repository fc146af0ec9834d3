// Targets of at least 32 by 32 pixels. The label of a box counts with it; links within a sentence are as tall as it.
import { controls, named } from './dom.mjs';

export const rule = 'targets';
const LEAST = 32;

function area(element) {
  const label = element.matches('input[type=radio], input[type=checkbox]') ? element.closest('label') ?? element.labels?.[0] : null;
  return (label ?? element).getBoundingClientRect();
}

export function check() {
  return controls()
    .filter((element) => !(element.tagName === 'A' && getComputedStyle(element).display === 'inline'))
    .map((element) => ({ element, box: area(element) }))
    .filter(({ box }) => Math.min(box.width, box.height) < LEAST - 0.6)
    .map(({ element, box }) => ({ element: named(element), what: `is ${box.width.toFixed(0)} by ${box.height.toFixed(0)} px` }));
}
