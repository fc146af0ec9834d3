// Every rule over one shown screen. The order matters: pressing Tab changes what is seen, so it comes last.
import { tabThrough } from './tabbing.mjs';

/**
 * axe-core, its serious and critical findings. The quick run leaves contrast to the rule of that name, which judges the
 * same and more; it is half of axe's time.
 */
async function axe(page, quick) {
  const violations = await page.evaluate(async (rules) => {
    if (!window.axe) await new Promise((resolve, reject) => document.head.append(Object.assign(document.createElement('script'), { src: '/axe.js', onload: resolve, onerror: reject })));
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'], preload: false, rules });
    return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, targets: nodes.map(({ target }) => target.join(' ')) }));
  }, quick ? { 'color-contrast': { enabled: false } } : {});
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, targets }) => targets.slice(0, 5).map((target) => ({ rule: `axe ${id}`, element: target, what: help })));
}

/** Findings of the screen that the window shows: rule, element, what. */
export async function check(window, { quick = false } = {}) {
  const { page } = window;
  const still = await page.evaluate(() => import('/checks/page.mjs').then((rules) => rules.checkAll()));
  const accessible = await axe(page, quick);
  const keyboard = await tabThrough(window);
  const said = window.said().map((what) => ({ rule: 'console', element: 'window', what }));
  return [...still, ...accessible, ...keyboard, ...said];
}
