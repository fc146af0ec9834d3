// One language a window: no Latin words in a Chinese one beyond codes and names, no Han in an English one beyond data.
import { named, onlyHeard, root, texts } from './dom.mjs';
import { ALLOWED, CODE_NAMES, SIGNS } from './words.mjs';

export const rule = 'language';

/** The beginning of a digest, by which submissions are named: eight hexadecimal digits, a number among them. */
const DIGEST = /(?<![0-9a-z])(?=[a-f]*[0-9])[0-9a-f]{8}(?![0-9a-z])/g;

/** Elements whose text is the same in every language: codes, keys, and what is marked with its own language. */
function verbatim(element, language) {
  const own = element.closest('[lang]');
  return element.closest('.code, code, kbd') !== null || (own !== null && own !== document.documentElement && own.lang !== language);
}

function without(text, data) {
  let rest = text;
  for (const one of data) if (rest.includes(one)) rest = rest.replaceAll(one, ' ');
  return rest;
}

export function check() {
  const language = document.documentElement.lang;
  // Longest first, so that a name within a title does not break the title.
  const data = [...(window.conclaveData ?? [])].flatMap((text) => text.split('\n')).map((text) => text.trim()).filter((text) => text !== '').sort((a, b) => b.length - a.length);
  const leak = (text) => {
    const rest = without(text, data);
    if (language === 'en') return /\p{Script=Han}+/u.exec(rest.replace(CODE_NAMES, ' '))?.[0] ?? null;
    const words = rest.replace(DIGEST, ' ').replace(SIGNS, ' ').match(/[A-Za-z][A-Za-z'’]+/g) ?? [];
    return words.find((word) => !ALLOWED.some((pattern) => pattern.test(word))) ?? null;
  };
  const found = [];
  const judge = (element, text, where) => {
    if (verbatim(element, language)) return;
    const word = leak(text);
    if (word) found.push({ element: named(element), what: `${where}has “${word}” in ${language === 'en' ? 'an English' : 'a Chinese'} window` });
  };
  for (const { element, text } of texts()) judge(element, text, '');
  for (const element of root().querySelectorAll('[title], [aria-label], [placeholder], [alt], [aria-valuetext]')) {
    if (!element.checkVisibility() && !onlyHeard(element)) continue;
    for (const attribute of ['title', 'aria-label', 'placeholder', 'alt', 'aria-valuetext']) {
      const text = element.getAttribute(attribute);
      if (text) judge(element, text, `${attribute} `);
    }
  }
  return found;
}
