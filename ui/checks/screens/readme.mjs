// The six pictures of README: both languages, light and dark, drawn at two thirds of their size so that they stay small.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SIZE = { width: 1366, height: 768 };
const SCALE = 0.68;
const PICTURES = [
  ['expert', 'expert/desk/readme', 'zh-CN', 'light'],
  ['seal', 'expert/seal/dialog', 'en', 'light'],
  ['supervisor', 'supervisor/desk/usual', 'en', 'dark'],
  ['hall', 'hall/hall/usual', 'zh-CN', 'dark'],
  ['result', 'clerk/result/usual', 'en', 'light'],
  ['verifier', 'verifier/report/notSound', 'zh-CN', 'light'],
];

/** Writes them, one after another. */
export async function readmePictures(window, folder) {
  for (const [name, scene, language, theme] of PICTURES) {
    await window.show(scene, { ...SIZE, language, theme });
    const clip = { x: 0, y: 0, ...SIZE, scale: SCALE };
    const { data } = await window.devtools.send('Page.captureScreenshot', { format: 'png', clip });
    await writeFile(join(folder, `${name}.png`), Buffer.from(data, 'base64'));
  }
}
