import vue from '@vitejs/plugin-vue';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { FONTS, plainFonts } from './vite.fonts.ts';

// What ships: one bundle, every window chooses its desk by its label. No source maps, nothing remote.
export default defineConfig({
  plugins: [vue(), plainFonts()],
  resolve: { alias: { '@fonts': FONTS, '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: 'dist',
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
});
