import vue from '@vitejs/plugin-vue';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { FONTS, plainFonts } from './vite.fonts.ts';

// The gallery: the same screens over recorded answers, for pictures and checks. Never part of what ships.
export default defineConfig({
  plugins: [vue(), plainFonts()],
  resolve: { alias: { '@fonts': FONTS, '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: 'dist-gallery',
    target: 'es2022',
    assetsInlineLimit: 0,
    // One file: a part that is loaded later would come after the moment of the picture.
    chunkSizeWarningLimit: 3000,
    rollupOptions: { input: fileURLToPath(new URL('./gallery.html', import.meta.url)), output: { inlineDynamicImports: true } },
  },
});
