// The keyboard reaches everything, the focus is seen wherever it is, and nothing holds it. This half runs in the page and
// watches; the other half (../tabbing.mjs) presses Tab.
import { controls, named, onlyHeard, root, seen } from './dom.mjs';

export const rule = 'focus';

const COMPOSITES = '[role=tablist], [role=radiogroup], [role=listbox], [role=menu], [role=toolbar], [role=grid], [role=tree], [role=group], table, ul, ol';
const SIGNS = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderTopColor', 'borderBottomColor', 'backgroundColor', 'textDecorationLine'];

/** What would show the focus: the element, what holds it, what stands beside it. */
const around = (element) => [element, element.parentElement, element.closest('label'), element.nextElementSibling].filter(Boolean);
const look = (element) => around(element).map((one) => SIGNS.map((sign) => getComputedStyle(one)[sign]).join()).join(';');

function outlined(element) {
  return around(element).some((one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
}

const usable = (element) => !element.matches(':disabled') && element.closest('[inert]') === null;
const clickable = (element) => Object.getOwnPropertySymbols(element).some((symbol) => symbol.description === '_vei' && element[symbol]?.onClick);

let before = new Map();
let expected = [];
let reached = new Set();
let found = [];
/** Presses of Tab that came to the page: under load the browser may drop some. */
let heard = 0;
/** Presses that had come when the focus last moved. */
let moved = -1;
/** Where the focus went, and after how many presses: told with what was never reached. */
let walk = [];

function pressed(event) {
  if (event.key === 'Tab') heard += 1;
}

function focused(event) {
  const element = event.target;
  // A window that loses the browser's attention for a moment begins at its first element again, at no press of the
  // page's: the walk goes round from there. A program that takes the focus elsewhere is not excused by this.
  if (element === expected[0] && heard === moved) heard = 0;
  moved = heard;
  if (element instanceof Element) walk.push(`${heard} ${named(element)}`);
  if (!(element instanceof Element) || reached.has(element)) return;
  reached.add(element);
  if (!before.has(element)) return;
  if (!outlined(element) && look(element) === before.get(element)) found.push({ element: named(element), what: 'does not show that it has the focus' });
}

/** One of several of which only one takes Tab, the others by arrow keys. */
function roving(element) {
  const group = element.closest(COMPOSITES);
  return group !== null && [...group.querySelectorAll('[tabindex="0"], button, input, a[href]')].some((other) => other !== element && other.tabIndex >= 0 && seen(other));
}

/** Remembers how things look without the focus. Returns how many presses of Tab go round. */
export function begin() {
  // Where the focus stood at first it has come already: Tab goes on from there.
  const stood = document.activeElement;
  if (stood instanceof HTMLElement) stood.blur();
  before = new Map();
  reached = new Set(stood ? [stood] : []);
  found = [];
  heard = 0;
  moved = -1;
  walk = [];
  const radios = new Set();
  const all = [...root().querySelectorAll('*')].filter((element) => element.tabIndex >= 0 && usable(element) && (seen(element) || (element.matches('input') && element.checkVisibility())));
  expected = all.filter((element) => {
    if (element.type !== 'radio' || !element.name) return true;
    const first = !radios.has(element.name);
    radios.add(element.name);
    return first;
  });
  for (const element of all) before.set(element, look(element));
  for (const element of controls()) {
    if (usable(element) && element.tabIndex < 0 && !roving(element)) found.push({ element: named(element), what: 'cannot be reached by keyboard' });
  }
  for (const element of root().querySelectorAll('*')) {
    if (clickable(element) && seen(element) && element.tabIndex < 0 && !element.closest('button, a[href], label, [tabindex], dialog') && !element.querySelector('button, a[href], input, [tabindex]'))
      found.push({ element: named(element), what: 'can be clicked but has no place in the keyboard order' });
  }
  document.addEventListener('focusin', focused);
  window.addEventListener('keydown', pressed, true);
  return expected.length;
}

/** How many presses came so far on the way round. */
export function came() {
  return heard;
}

/** What was found after `presses` presses that came. With fewer presses than elements only those passed are judged. */
export function end(presses, wanted) {
  document.removeEventListener('focusin', focused);
  window.removeEventListener('keydown', pressed, true);
  if (presses < wanted) {
    // What follows would judge a walk that was never made.
    found.push({ element: named(document.activeElement ?? document.body), what: `hears ${presses} of ${wanted} presses of Tab` });
  } else if (presses >= expected.length) {
    const most = found.length;
    for (const element of expected) {
      const group = element.type === 'radio' && element.name ? [...document.getElementsByName(element.name)] : [element];
      if (element.isConnected && (seen(element) || !onlyHeard(element)) && !group.some((one) => reached.has(one))) found.push({ element: named(element), what: `is never reached with Tab (${presses} presses, ${reached.size} elements)` });
    }
    if (found.length > most) found.push({ element: 'walk', what: walk.join(', ') });
  } else if (reached.size < presses / 2) {
    found.push({ element: named(document.activeElement ?? document.body), what: `holds the focus: ${presses} presses of Tab reached ${reached.size} elements` });
  }
  return found.map((finding) => ({ rule, ...finding }));
}
