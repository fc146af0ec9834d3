// One Chromium for the whole run, and its windows.
import { chromium } from 'playwright-core';
import { existsSync } from 'node:fs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--force-color-profile=srgb',
  '--font-render-hinting=none',
];
/** An upper bound for a machine that is busy with other things; nothing is judged by it. */
const READY = 120_000;

function program() {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
  if (!found) throw new Error('Chromium is missing: install the package chromium, or name the program in CHROMIUM');
  return found;
}

export function launch() {
  return chromium.launch({ executablePath: program(), headless: true, args: FLAGS });
}

/** A window that shows one scene after another and keeps what the console said. */
export async function openWindow(browser, address) {
  const context = await browser.newContext({ reducedMotion: 'reduce', deviceScaleFactor: 1 });
  // What one scene kept is not there for the next.
  await context.addInitScript(() => {
    sessionStorage.clear();
    localStorage.clear();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(READY);
  const devtools = await context.newCDPSession(page);
  let said = [];
  // A picture or a font that a scene left behind is cut off when the next one comes: that is neither's fault.
  let wanted = new WeakSet();
  page.on('request', (request) => wanted.add(request));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => said.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    if (wanted.has(request)) said.push(`not loaded: ${request.url().replace(address, '')}: ${request.failure()?.errorText}`);
  });

  return {
    page,
    devtools,
    said: () => said,
    /** Shows a scene in a look and waits until it stands still. */
    async show(scene, look) {
      said = [];
      wanted = new WeakSet();
      await page.setViewportSize({ width: look.width, height: look.height });
      const query = new URLSearchParams({ scene, language: look.language, theme: look.theme, text: look.text ?? 'comfortable' });
      await page.goto(`${address}/gallery.html?${query}`);
      await page.locator('html[data-ready]').waitFor({ state: 'attached', timeout: READY });
    },
  };
}
