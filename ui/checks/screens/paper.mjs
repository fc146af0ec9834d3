// Pages of paper for the documents of the gallery: the words of the sample tender and bids, set plainly. The product
// draws pages in its confined child process; here a picture of a page need only look like one.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const sample = (path) => fileURLToPath(new URL(`../../../samples/procurement/${path}`, import.meta.url));
const FONT = fileURLToPath(new URL('../../node_modules/@fontsource/noto-serif-sc', import.meta.url));
const LINES = 38;
const ACROSS = 38;

const known = new Map();
function once(key, make) {
  if (!known.has(key)) known.set(key, make());
  return known.get(key);
}

/** Source of the typeset document, without its markup. */
function plain(source) {
  return source
    .split('\n')
    .filter((line) => !/^\s*(#(import|show|set|let|include|pagebreak|v\()|\/\/|[)\]}({[,]*\s*$)/.test(line))
    .map((line) => line.replace(/#[a-z.-]+(\([^)]*\))?/gi, '').replace(/[[\]*_#`{}\\]/g, '').replace(/^\s*[+-]\s/, '').trim())
    .filter((line) => /\p{Script=Han}/u.test(line) && !/=>|rgb\(|luma\(|label:|caption:|size:|fill:|\bfor \(/.test(line))
    .map((line) => line.replace(/^[\s,(]+|[\s,)]+$/g, '').replace(/, /g, '，'));
}

function wrapped(line) {
  const heading = /^=+\s/.test(line);
  const text = line.replace(/^=+\s*/, '');
  const rows = [];
  for (let at = 0; at < text.length; at += ACROSS) rows.push({ text: (at === 0 && !heading ? '　　' : '') + text.slice(at, at + ACROSS), heading });
  return rows;
}

const CHAPTERS = ['ch1-notice', 'ch2-instructions', 'ch3-evaluation', 'ch4-contract', 'ch5-requirements', 'ch6-bill', 'ch7-forms'];

/** Typeset sources of a document of the gallery: `tender`, `A-technical`, `B12-commercial`. */
function sources(document) {
  if (document === 'tender') return CHAPTERS.map((chapter) => `tender/typst/${chapter}.typ`);
  const [, letter, number, part] = /^(?:([A-D])|B(\d+))-(\w+)$/.exec(document) ?? [];
  const bid = letter ?? 'ABCD'[(Number(number ?? 1) - 1) % 4];
  return [`bids/${bid}/typst/${part ?? 'technical'}.typ`];
}

async function rowsOf(document) {
  const texts = await Promise.all(sources(document).map((path) => readFile(sample(path), 'utf8')));
  return texts.flatMap((text) => plain(text).flatMap(wrapped));
}

/** The files of the embedded font by the characters they hold. */
async function faces() {
  const css = await readFile(`${FONT}/400.css`, 'utf8');
  return [...css.matchAll(/url\(\.\/(files\/[^)]+\.woff2)\)[\s\S]*?unicode-range: ([^;]+);/g)].map(([, path, ranges]) => ({
    path,
    ranges: ranges.split(',').map((range) => {
      const [from, to = from] = range.trim().slice(2).split('-');
      return [parseInt(from, 16), parseInt(to, 16)];
    }),
  }));
}

async function fontFor(text) {
  const wanted = new Set([...text].map((character) => character.codePointAt(0)));
  const all = await once('faces', faces);
  const used = all.filter(({ ranges }) => ranges.some(([from, to]) => [...wanted].some((code) => code >= from && code <= to)));
  const data = await Promise.all(used.map(({ path }) => once(path, async () => (await readFile(`${FONT}/${path}`)).toString('base64'))));
  return data.map((one, at) => `@font-face{font-family:P${at};src:url(data:font/woff2;base64,${one})}`).join('') + `text{font-family:${data.map((_, at) => `P${at}`).join(',')},serif}`;
}

const escaped = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A page as SVG, 595 x 842. */
export function paper(document, page) {
  return once(`${document}/${page}`, async () => {
    const rows = await once(document, () => rowsOf(document));
    const pages = Math.max(1, Math.ceil(rows.length / LINES));
    const from = ((page - 1) % pages) * LINES;
    const shown = rows.slice(from, from + LINES);
    const font = await fontFor(`${shown.map((row) => row.text).join('')}0123456789－`);
    const lines = shown.map(({ text, heading }, at) => `<text x="72" y="${84 + at * 18}" font-size="${heading ? 14 : 11.5}"${heading ? ' font-weight="700"' : ''}>${escaped(text)}</text>`);
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 595 842" width="1190" height="1684"><style>${font}</style><rect width="595" height="842" fill="#fff"/><g fill="#1a1a1a">${lines.join('')}<text x="297" y="806" font-size="10" text-anchor="middle">－ ${page} －</text></g></svg>`;
  });
}
