// Presses Tab through a screen, as a person would, and asks the page what that showed (rules/focus.mjs).

/** More than this on one screen is rows like those before. */
const MOST = 90;

export async function tabThrough({ page, devtools }) {
  const count = await page.evaluate(() => import('/checks/focus.mjs').then((focus) => focus.begin()));
  const presses = Math.min(count + 4, MOST);
  const key = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
  const sent = [];
  for (let press = 0; press < presses; press += 1) {
    sent.push(devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key }));
    sent.push(devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key }));
  }
  await Promise.all(sent);
  return page.evaluate((pressed) => import('/checks/focus.mjs').then((focus) => focus.end(pressed)), presses);
}
