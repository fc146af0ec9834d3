// Nothing is cut off: text and controls lie within what shows them, or can be scrolled to. Text that ends in an ellipsis
// must be told whole by its control or a title.
import { controls, cutOff, named, texts } from './dom.mjs';

export const rule = 'clipping';

function toldWhole(element, text) {
  const squeezed = (words) => words.replace(/\s+/g, '');
  for (let one = element; one && one !== document.body; one = one.parentElement) {
    const whole = `${one.getAttribute('title') ?? ''} ${one.getAttribute('aria-label') ?? ''}`;
    if (squeezed(whole).includes(squeezed(text))) return true;
  }
  return false;
}

export function check() {
  const found = [];
  for (const { element, text, boxes } of texts()) {
    const cut = boxes.map((box) => cutOff(element, box, true)).find((one) => one !== null);
    if (cut && !toldWhole(element, text)) found.push({ element: named(element), what: cut.by ? `is cut off by ${cut.pixels} px at ${named(cut.by).split(' “')[0]}` : `lies ${cut.pixels} px outside the view` });
  }
  for (const element of controls()) {
    const cut = cutOff(element, element.getBoundingClientRect());
    if (cut) found.push({ element: named(element), what: cut.by ? `control is cut off by ${cut.pixels} px at ${named(cut.by).split(' “')[0]}` : `control lies ${cut.pixels} px outside the view` });
  }
  return found;
}
