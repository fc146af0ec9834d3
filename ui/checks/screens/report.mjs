// What came of a run: lines for the terminal, an index of the pictures for people.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOOKS, lookName } from './looks.mjs';

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** One line a finding: scene, look, rule, element, what. */
export function line({ scene, look, rule, element, what }) {
  return `${scene} [${look}] ${rule}: ${element} ${what}`;
}

/** Findings that differ in the look alone are told once. */
export function told(findings) {
  const groups = new Map();
  for (const finding of findings) {
    const key = [finding.scene, finding.rule, finding.element, finding.what].join('\n');
    const group = groups.get(key);
    if (group) group.looks.push(finding.look);
    else groups.set(key, { ...finding, looks: [finding.look] });
  }
  return [...groups.values()].map((group) => line({ ...group, look: group.looks.length > 2 ? `${group.looks[0]} and ${group.looks.length - 1} more` : group.looks.join(', ') }));
}

export const picture = (scene, look) => `${scene.replaceAll('/', '.')}.${lookName(look)}.png`;

/** index.html beside the pictures: a row a scene, a column a look, with its findings. */
export async function writeIndex(folder, scenes, findings) {
  const rows = scenes.map((scene) => {
    const cells = LOOKS.map((look) => {
      const name = picture(scene, look);
      return `<td><a href="${escaped(name)}"><img loading="lazy" src="${escaped(name)}" alt="${escaped(`${scene}, ${lookName(look)}`)}" width="240"></a></td>`;
    });
    const found = told(findings.filter((finding) => finding.scene === scene)).map((text) => `<li>${escaped(text)}</li>`);
    return `<tr id="${escaped(scene)}"><th scope="row">${escaped(scene)}${found.length ? `<ul>${found.join('')}</ul>` : ''}</th>${cells.join('')}</tr>`;
  });
  const head = LOOKS.map((look) => `<th scope="col">${lookName(look)}</th>`).join('');
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Conclave: every screen</title>
<style>body{font:14px sans-serif;margin:16px}th{text-align:left;vertical-align:top;max-width:24em}td{padding:2px}img{border:1px solid #999}ul{color:#a4161a;padding-left:1em;font-weight:400}thead th{position:sticky;top:0;background:#fff}</style>
<h1>Every screen</h1><p>${scenes.length} scenes, ${LOOKS.length} looks, ${findings.length} findings.</p>
<table><thead><tr><th>Scene</th>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></html>\n`;
  await writeFile(join(folder, 'index.html'), html);
  await writeFile(join(folder, 'findings.json'), `${JSON.stringify(findings, null, 1)}\n`);
}
