// Nothing lies over text or controls, save what is meant to: dialogs, details, heads that stay while rows scroll.
import { controls, inView, named, remembered, root, texts } from './dom.mjs';

export const rule = 'overlap';

const meantToCover = remembered((element) => {
  if (element === document.body) return false;
  if (['dialog', 'tooltip', 'menu', 'listbox'].includes(element.getAttribute('role')) || element.tagName === 'DIALOG') return true;
  return getComputedStyle(element).position === 'sticky' || (element.parentElement !== null && meantToCover(element.parentElement));
});

/** Whether something is painted between an element on top and what holds both: a text alone hides nothing under it. */
function paints(top, under) {
  for (let one = top; one && !one.contains(under); one = one.parentElement) {
    const style = getComputedStyle(one);
    if (one.matches('img, svg, canvas, video, button, input, textarea, select') || style.backgroundImage !== 'none' || !/^rgba\(.*, 0\)$|^transparent$/.test(style.backgroundColor)) return true;
  }
  return false;
}

const related = (a, b) => a.contains(b) || b.contains(a);

function covered(element, box) {
  const y = (box.top + box.bottom) / 2;
  const inset = Math.min(3, (box.right - box.left) / 4);
  for (const x of [box.left + inset, (box.left + box.right) / 2, box.right - inset]) {
    const top = document.elementFromPoint(x, y);
    if (top && !related(top, element) && !meantToCover(top)) {
      const label = element.closest('label');
      if (!(label && label.contains(top))) return top;
    }
  }
  return null;
}

export function check() {
  const found = [];
  const shown = [];
  const top = root();
  for (const { element, boxes } of texts()) {
    for (const box of boxes) {
      const part = inView(element, box, true);
      if (!part) continue;
      if (getComputedStyle(element).pointerEvents !== 'none') {
        const by = covered(element, part);
        if (by && top.contains(by) && paints(by, element)) found.push({ element: named(element), what: `is covered by ${named(by)}` });
      }
      if (!meantToCover(element)) shown.push({ element, part });
    }
  }
  for (const element of controls()) {
    const part = inView(element, element.getBoundingClientRect());
    const by = part && getComputedStyle(element).pointerEvents !== 'none' ? covered(element, part) : null;
    if (by && top.contains(by)) found.push({ element: named(element), what: `control is covered by ${named(by)}` });
  }
  // Text over text: lines sorted from the top, so that only neighbours are compared.
  shown.sort((a, b) => a.part.top - b.part.top);
  shown.forEach((one, at) => {
    for (let next = at + 1; next < shown.length && shown[next].part.top < one.part.bottom - 4; next += 1) {
      const other = shown[next];
      const across = Math.min(one.part.right, other.part.right) - Math.max(one.part.left, other.part.left);
      const down = Math.min(one.part.bottom, other.part.bottom) - other.part.top;
      if (across > 3 && down > 6 && !related(one.element, other.element)) found.push({ element: named(one.element), what: `lies over ${named(other.element)}` });
    }
  });
  return found;
}
