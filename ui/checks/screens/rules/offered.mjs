// What cannot be done now is grey, can have the focus and says why. A disabled button can do neither.
import { controls, named } from './dom.mjs';

export const rule = 'offered';

export function check() {
  const found = [];
  for (const element of controls()) {
    if (element.matches('button:disabled')) found.push({ element: named(element), what: 'is disabled: it can neither have the focus nor say why' });
    else if (element.getAttribute('aria-disabled') === 'true') {
      const said = (element.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('') + (element.title ?? '');
      if (said.trim() === '') found.push({ element: named(element), what: 'cannot be used and does not say why' });
    }
  }
  return found;
}
