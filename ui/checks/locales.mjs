// Both languages have the same keys; every key is used, and every key used exists.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

function keys(language) {
  const found = new Map();
  const folder = join(root, 'locales', language);
  const walk = (tree, path) => {
    for (const [key, value] of Object.entries(tree)) {
      if (typeof value === 'string') found.set(`${path}.${key}`, value);
      else walk(value, `${path}.${key}`);
    }
  };
  for (const file of readdirSync(folder)) walk(JSON.parse(readFileSync(join(folder, file), 'utf8')), file.replace('.json', ''));
  return found;
}

function sources(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'locales' || name === 'generated' ? [] : sources(path);
    return /\.(vue|ts)$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

const zh = keys('zh-CN');
const en = keys('en');
const text = sources(root).join('\n');
const faults = [];
for (const key of zh.keys()) if (!en.has(key)) faults.push(`en lacks ${key}`);
for (const key of en.keys()) if (!zh.has(key)) faults.push(`zh-CN lacks ${key}`);

// A key is used when it stands in the code whole, or its head stands before a template's `${`.
const heads = [...text.matchAll(/`([a-z]+(?:\.[A-Za-z0-9_-]+)*\.)\$\{/g)].map((m) => m[1]);
const whole = new Set([...text.matchAll(/['"`]([a-z]+(?:\.[A-Za-z0-9_-]+)+)['"`]/g)].map((m) => m[1]));
for (const key of zh.keys()) {
  if (!whole.has(key) && !heads.some((head) => key.startsWith(head))) faults.push(`unused ${key}`);
}
const files = new Set([...zh.keys()].map((key) => key.split('.')[0]));
for (const key of whole) {
  if (files.has(key.split('.')[0]) && !zh.has(key) && !/\.(vue|ts|css|json|woff2)$/.test(key)) faults.push(`missing ${key}`);
}
for (const [key, value] of en) if (/[\u4e00-\u9fff]/.test(value)) faults.push(`Chinese in en ${key}`);
// The fonts that the program brings along draw these as wide as a Chinese character.
for (const [key, value] of en) if (/[\u2018-\u201d]/.test(value)) faults.push(`curly quote in en ${key}`);
if (faults.length) {
  console.error(faults.join('\n'));
  process.exit(1);
}
console.log(`${zh.size} keys in each language, all used`);
