// The page itself never scrolls sideways, and never at all: panes scroll, the frame stands.
import { named } from './dom.mjs';

export const rule = 'scroll';

export function check() {
  const found = [];
  for (const element of [document.documentElement, document.body, document.querySelector('#app')]) {
    if (!element) continue;
    if (element.scrollWidth > element.clientWidth + 1) found.push({ element: named(element).split(' “')[0], what: `is ${element.scrollWidth - element.clientWidth} px wider than the window` });
    if (element.scrollHeight > element.clientHeight + 1) found.push({ element: named(element).split(' “')[0], what: `is ${element.scrollHeight - element.clientHeight} px taller than the window` });
  }
  return found;
}
