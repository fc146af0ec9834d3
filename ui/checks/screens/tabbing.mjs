// Presses Tab through a screen, as a person would, and asks the page what that showed (rules/focus.mjs).

/** More than this on one screen is rows like those before. */
const MOST = 90;
/** Rounds of presses after which a page that hears none is told as it is. */
const ROUNDS = 5;

async function press(devtools, times) {
  const key = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
  const sent = [];
  for (let one = 0; one < times; one += 1) {
    sent.push(devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key }));
    sent.push(devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key }));
  }
  await Promise.all(sent);
}

export async function tabThrough({ page, devtools }) {
  const count = await page.evaluate(() => import('/checks/focus.mjs').then((focus) => focus.begin()));
  const wanted = Math.min(count + 4, MOST);
  let came = 0;
  for (let round = 0; round < ROUNDS && came < wanted; round += 1) {
    await press(devtools, wanted - came);
    came = await page.evaluate(() => import('/checks/focus.mjs').then((focus) => focus.came()));
  }
  return page.evaluate(([presses, pressed]) => import('/checks/focus.mjs').then((focus) => focus.end(presses, pressed)), [came, wanted]);
}
