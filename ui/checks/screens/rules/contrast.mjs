// Contrast AA of WCAG, from computed colours over the backgrounds under them: 4.5 for text and for placeholders that show,
// 3 for large text and for the edges of fields.
import { controls, named, remembered, texts } from './dom.mjs';

export const rule = 'contrast';

const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const known = new Map();

/** Any CSS colour as red, green, blue, alpha. */
function colour(css) {
  if (!known.has(css)) {
    const numbers = /^rgba?\(([^)]+)\)$/.exec(css)?.[1].split(/[ ,/]+/).map(Number);
    if (numbers && numbers.every(Number.isFinite)) known.set(css, [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1]);
    else {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = css;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(css, [r, g, b, a / 255]);
    }
  }
  return known.get(css);
}

const over = (top, under) => [0, 1, 2].map((at) => top[at] * top[3] + under[at] * (1 - top[3])).concat(1);

function light([r, g, b]) {
  const [x, y, z] = [r, g, b].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}
const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

/** What is painted under an element: backgrounds from the root inwards. */
const ground = remembered((element) => over(colour(getComputedStyle(element).backgroundColor), element.parentElement ? ground(element.parentElement) : [255, 255, 255, 1]));

const opacity = remembered((element) => Number(getComputedStyle(element).opacity) * (element.parentElement ? opacity(element.parentElement) : 1));

/** The contrast of words in a style over what is under an element, and what it needs. */
function legible(style, element, faded) {
  const under = ground(element);
  const [r, g, b, a] = colour(style.color);
  const size = parseFloat(style.fontSize);
  const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  return { is: ratio(over([r, g, b, a * faded], under), under), needed };
}

export function check() {
  const found = [];
  const judged = new Set();
  for (const { element } of texts()) {
    if (judged.has(element) || element.closest('svg')) continue;
    judged.add(element);
    const { is, needed } = legible(getComputedStyle(element), element, opacity(element));
    if (is < needed) found.push({ element: named(element), what: `has contrast ${is.toFixed(2)}, needs ${needed}` });
  }
  for (const element of controls()) {
    if (element.matches(':placeholder-shown:not(:disabled)') && element.placeholder.trim() !== '') {
      const hint = getComputedStyle(element, '::placeholder');
      const { is, needed } = legible(hint, element, opacity(element) * Number(hint.opacity));
      if (is < needed) found.push({ element: named(element), what: `has a placeholder of contrast ${is.toFixed(2)}, needs ${needed}` });
    }
    if (!element.matches('input:not([type=radio]):not([type=checkbox]), textarea, select') || element.matches(':disabled, :read-only:is(input, textarea), [aria-readonly=true]')) continue;
    const style = getComputedStyle(element);
    const holder = element.parentElement;
    const edges = [element, holder].map((one) => getComputedStyle(one)).filter((one) => parseFloat(one.borderTopWidth) > 0 || parseFloat(one.borderBottomWidth) > 0);
    const outside = ground(holder);
    const edge = edges.map((one) => ratio(over(colour(one.borderBottomColor), outside), outside)).concat(ratio(ground(element), outside));
    if (Math.max(...edge) < 3 && style.opacity !== '0') found.push({ element: named(element), what: `the edge of the field has contrast ${Math.max(...edge).toFixed(2)}, needs 3` });
  }
  return found;
}
