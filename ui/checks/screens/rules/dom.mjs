// What the rules share: what is seen, how it is named, and which part of it can be seen at all.

/** The part of the document that counts: an open modal dialog makes the rest inert. */
export function root() {
  return [...document.querySelectorAll('dialog')].find((dialog) => dialog.matches(':modal')) ?? document.body;
}

const CONTROLS =
  'button, a[href], input, select, textarea, summary, [role=button], [role=tab], [role=checkbox], [role=radio], [role=switch], [role=option], [role=menuitem], [role=link], [role=combobox], [role=spinbutton], [role=slider]';

/** Remembers an answer for each element; a picture stands still while it is judged. */
export function remembered(answer) {
  const known = new WeakMap();
  return (element) => {
    if (!known.has(element)) known.set(element, answer(element));
    return known.get(element);
  };
}

/** Kept for screen readers only: one pixel, or clipped to nothing. */
export const onlyHeard = remembered((element) => {
  if (element === document.body) return false;
  const style = getComputedStyle(element);
  if (style.clipPath.startsWith('inset(50%') || (style.position === 'absolute' && element.clientWidth <= 1 && element.clientHeight <= 1 && style.overflow === 'hidden')) return true;
  return element.parentElement !== null && onlyHeard(element.parentElement);
});

export function seen(element) {
  if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && !onlyHeard(element);
}

export function controls() {
  return [...root().querySelectorAll(CONTROLS)].filter((element) => seen(element) && element.type !== 'hidden');
}

/** A line's box without the room that the font keeps above and below its signs. */
function inked(box, size) {
  const spare = Math.max(0, (box.height - size) / 2);
  return { left: box.left, right: box.right, top: box.top + spare, bottom: box.bottom - spare, width: box.width };
}

/** Texts that are seen, with the boxes of their lines. */
export function texts() {
  const walker = document.createTreeWalker(root(), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (node.data.trim() === '' || ['SCRIPT', 'STYLE', 'OPTION'].includes(element.tagName) || !seen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const size = parseFloat(getComputedStyle(element).fontSize);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0.5 && box.height > 0.5).map((box) => inked(box, size));
    if (boxes.length > 0) found.push({ node, element, text: node.data.trim(), boxes });
  }
  return found;
}

const SCROLLS = new Set(['auto', 'scroll', 'overlay']);
const CUTS = new Set(['hidden', 'clip']);

/** Boxes that scroll or cut what is in them, from the inside out. A fixed element leaves them all but the view. */
const frames = remembered((element) => {
  const found = [];
  let position = getComputedStyle(element).position;
  for (let one = element.parentElement; one && one !== document.documentElement; one = one.parentElement) {
    const style = getComputedStyle(one);
    if (position === 'fixed' && style.transform === 'none' && style.contain === 'none') {
      if (one.matches('dialog:modal')) position = style.position;
      continue;
    }
    if (position === 'absolute' && style.position === 'static') continue;
    if (style.overflowX !== 'visible' || style.overflowY !== 'visible') found.push({ one, style });
    position = style.position;
  }
  return found;
});

/** How much of a box sticks out of what cuts it off for good, in pixels; scrolling frames can be scrolled. */
export function cutOff(element, box, includeSelf = false) {
  let { left, right, top, bottom } = box;
  const list = [...frames(element)];
  if (includeSelf) {
    const style = getComputedStyle(element);
    if (style.overflowX !== 'visible' || style.overflowY !== 'visible') list.unshift({ one: element, style });
  }
  for (const { one, style } of list) {
    const frame = one.getBoundingClientRect();
    const inner = { left: frame.left + one.clientLeft, top: frame.top + one.clientTop };
    inner.right = inner.left + one.clientWidth;
    inner.bottom = inner.top + one.clientHeight;
    if (SCROLLS.has(style.overflowX)) [left, right] = [Math.max(inner.left, Math.min(left, inner.right)), Math.min(inner.right, Math.max(right, inner.left))];
    else if (CUTS.has(style.overflowX) && Math.max(inner.left - left, right - inner.right) > 1.5) return { by: one, pixels: Math.round(Math.max(inner.left - left, right - inner.right)) };
    // What a box scrolled to its content's end in one axis shows in the other is judged by its frame.
    if (SCROLLS.has(style.overflowY)) [top, bottom] = [Math.max(inner.top, Math.min(top, inner.bottom)), Math.min(inner.bottom, Math.max(bottom, inner.top))];
    else if (CUTS.has(style.overflowY) && Math.max(inner.top - top, bottom - inner.bottom) > 3) return { by: one, pixels: Math.round(Math.max(inner.top - top, bottom - inner.bottom)) };
  }
  const out = Math.max(-left, right - innerWidth, -top, bottom - innerHeight);
  return out > 1.5 ? { by: null, pixels: Math.round(out) } : null;
}

/** The part of a box that is in view now; `null` when nothing is. Text is cut by its own element too. */
export function inView(element, box, isText = false) {
  let { left, right, top, bottom } = box;
  const own = getComputedStyle(element);
  const self = isText && (own.overflowX !== 'visible' || own.overflowY !== 'visible') ? [{ one: element }] : [];
  for (const { one } of [...self, ...frames(element)]) {
    const frame = one.getBoundingClientRect();
    left = Math.max(left, frame.left);
    right = Math.min(right, frame.right);
    top = Math.max(top, frame.top);
    bottom = Math.min(bottom, frame.bottom);
  }
  [left, right, top, bottom] = [Math.max(0, left), Math.min(innerWidth, right), Math.max(0, top), Math.min(innerHeight, bottom)];
  return right - left > 2 && bottom - top > 2 ? { left, right, top, bottom } : null;
}

/** A name by which a person finds the element: its id, or the nearest id with tag and class, and its words. */
export function named(element) {
  const part = (one) => (one.id && !/^v-\d/.test(one.id) ? `#${one.id}` : `${one.tagName.toLowerCase()}${typeof one.className === 'string' && one.className ? `.${one.className.trim().split(/\s+/)[0]}` : ''}`);
  const parts = [part(element)];
  for (let one = element.parentElement; one && !parts[0].startsWith('#') && parts.length < 4 && one !== document.body; one = one.parentElement) parts.unshift(part(one));
  const words = (element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 24);
  return parts.join(' ') + (words ? ` “${words}”` : '');
}
