import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const { decompress } = createRequire(import.meta.url)('wawoff2') as { decompress: (packed: Buffer) => Promise<Uint8Array> };
const ui = fileURLToPath(new URL('.', import.meta.url));

/** Where the unpacked fonts lie; `fonts.css` names them `@fonts/…`. */
export const FONTS = join(ui, 'node_modules/.fonts');
const OF = ['noto-sans-sc-chinese-simplified-400', 'noto-sans-sc-chinese-simplified-600', 'noto-serif-sc-chinese-simplified-400', 'noto-sans-symbols-2-symbols-400', 'noto-sans-math-latin-400'];

/** Fonts as programs use them. WebKit unpacks WOFF2 on the thread that draws, at every start of every window. */
export function plainFonts(): Plugin {
  return {
    name: 'plain-fonts',
    async buildStart() {
      mkdirSync(FONTS, { recursive: true });
      for (const name of OF) {
        const family = /^noto-(?:sans|serif)-(?:sc|symbols-2|math)/.exec(name)?.[0] ?? name;
        const packed = readFileSync(join(ui, `node_modules/@fontsource/${family}/files/${name}-normal.woff2`));
        writeFileSync(join(FONTS, `${name}.ttf`), await decompress(packed));
      }
    },
  };
}
