// Shows every scene of the built gallery and checks it. `cargo xtask screens` builds the gallery and calls this.
//
//   node checks/screens.mjs --out FOLDER    every scene in every look: pictures, an index, all rules
//   node checks/screens.mjs --check-only    every scene once, in a look that goes round: all rules, no pictures
//   node checks/screens.mjs --once          every scene once, in that look, with its picture
//   node checks/screens.mjs --readme FOLDER the six pictures of README
//   … --only WORDS                          scenes whose name contains WORDS; --windows N pages at a time
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, openWindow } from './screens/browser.mjs';
import { lookName, plan } from './screens/looks.mjs';
import { line, picture, writeIndex } from './screens/report.mjs';
import { readmePictures } from './screens/readme.mjs';
import { check } from './screens/rules.mjs';
import { selfTest } from './screens/selftest.mjs';
import { serve } from './screens/serve.mjs';

const { values: wish } = parseArgs({
  options: {
    out: { type: 'string', default: '../out/screens' },
    'check-only': { type: 'boolean', default: false },
    once: { type: 'boolean', default: false },
    readme: { type: 'string' },
    only: { type: 'string', default: '' },
    windows: { type: 'string', default: '2' },
    text: { type: 'string', default: 'comfortable' },
  },
});
const checkOnly = wish['check-only'];

/** Names of all scenes, and what the list of screens lacks. */
async function listed(window, address) {
  await window.page.goto(`${address}/gallery.html`);
  return JSON.parse(await window.page.locator('#scenes').textContent());
}

async function look(window, { scene, look }) {
  const at = { scene, look: lookName(look) };
  try {
    await window.show(scene, { ...look, text: wish.text });
    if (!checkOnly) await window.page.screenshot({ path: join(wish.out, picture(scene, look)) });
    return (await check(window, { quick: checkOnly })).map((finding) => ({ ...at, ...finding }));
  } catch (error) {
    return [{ ...at, rule: 'shown', element: 'window', what: String(error.message).split('\n')[0] }];
  }
}

/** At once: a run that is stopped has told what it found. */
function tell(findings) {
  for (const finding of findings) console.log(line(finding));
}

async function run() {
  const started = performance.now();
  if (!checkOnly) await mkdir(wish.readme ?? wish.out, { recursive: true });
  const server = await serve({ blankPaper: checkOnly });
  const browser = await launch();
  try {
    const windows = await Promise.all(Array.from({ length: Number(wish.windows) }, () => openWindow(browser, server.address)));
    if (wish.readme !== undefined) return await readmePictures(windows[0], wish.readme);
    const findings = await selfTest(windows[0], server.address);
    const { scenes, faults } = await listed(windows[0], server.address);
    findings.push(...faults.map((what) => ({ scene: 'coverage', look: 'list', rule: 'coverage', element: 'ui/src/fixtures/coverage.ts', what })));
    // The look of a scene goes by its place among all, so that `--only` shows it as the whole run does.
    const wanted = plan(scenes, checkOnly || wish.once).filter(({ scene }) => scene.includes(wish.only));
    const queue = [...wanted];
    tell(findings);
    let done = 0;
    await Promise.all(
      windows.map(async (window) => {
        for (let next = queue.shift(); next; next = queue.shift()) {
          const found = await look(window, next);
          tell(found);
          findings.push(...found);
          done += 1;
          if (done % 40 === 0) console.log(`${done} of ${wanted.length} shown`);
        }
      }),
    );
    findings.sort((a, b) => scenes.indexOf(a.scene) - scenes.indexOf(b.scene) || a.look.localeCompare(b.look));
    if (!checkOnly) await writeIndex(wish.out, scenes.filter((scene) => scene.includes(wish.only)), findings);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`screens: ${new Set(wanted.map(({ scene }) => scene)).size} scenes, ${wanted.length} shown, ${findings.length} findings, ${seconds} s`);
    process.exitCode = findings.length === 0 ? 0 : 1;
  } finally {
    await browser.close();
    await server.stop();
  }
}

await run();
