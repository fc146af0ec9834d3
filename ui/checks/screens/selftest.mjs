// Before anything is shown: does every rule still find the fault that was made for it?
import { check } from './rules.mjs';

const RULES = ['clipping', 'overlap', 'contrast', 'fonts', 'language', 'targets', 'offered', 'focus', 'axe'];

/** Findings about the rules themselves; none when all of them work. */
export async function selfTest(window, address) {
  await window.page.setViewportSize({ width: 1366, height: 768 });
  await window.page.goto(`${address}/checks/spoiled.html`);
  const found = await check(window);
  const finds = (rule) => found.some((one) => one.rule.split(' ')[0] === rule && one.element.includes(`#bad-${rule}`));
  const blind = RULES.filter((rule) => !finds(rule));
  if (!found.some(({ rule, element }) => rule === 'contrast' && element.includes('#bad-placeholder'))) blind.push('placeholder');
  if (!found.some(({ rule }) => rule === 'scroll')) blind.push('scroll');
  if (!found.some(({ rule, what }) => rule === 'console' && what.includes('bad-console'))) blind.push('console');
  return blind.map((rule) => ({ scene: 'self-test', look: 'spoiled page', rule, element: `#bad-${rule}`, what: 'the rule does not find the fault that was made for it' }));
}
