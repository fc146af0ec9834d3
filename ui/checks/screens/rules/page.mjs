// Runs in the page: every rule that can judge a still picture.
import * as clipping from './clipping.mjs';
import * as contrast from './contrast.mjs';
import * as fonts from './fonts.mjs';
import * as language from './language.mjs';
import * as offered from './offered.mjs';
import * as overlap from './overlap.mjs';
import * as scroll from './scroll.mjs';
import * as targets from './targets.mjs';

const RULES = [scroll, clipping, overlap, contrast, fonts, targets, offered, language];

export function checkAll() {
  return RULES.flatMap(({ rule, check }) => {
    const told = new Map();
    // The same fault of the same element is told once, however many lines it has.
    for (const finding of check()) told.set(`${finding.element}\n${finding.what}`, { rule, ...finding });
    return [...told.values()];
  });
}
