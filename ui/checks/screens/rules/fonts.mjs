// Chinese text is set in a font that the program brings along: a booth PC may have none, and would show empty boxes.
import { named, texts } from './dom.mjs';

export const rule = 'fonts';

export function check() {
  const embedded = new Set([...document.fonts].map((face) => face.family.replace(/["']/g, '')));
  return texts()
    .filter(({ text, element }) => /\p{Script=Han}/u.test(text) && element.closest('svg') === null)
    .filter(({ element }) => !getComputedStyle(element).fontFamily.split(',').some((family) => embedded.has(family.trim().replace(/["']/g, ''))))
    .map(({ element }) => ({ element: named(element), what: `has no embedded font for Chinese: ${getComputedStyle(element).fontFamily}` }));
}
