import { install, type Bridge } from '@/bridge/bridge';
import { fetchDesk } from '@/desks/desks';
import { i18n } from '@/i18n';
import App from '@/shell/App.vue';
import { usePreferences } from '@/stores/preferences';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import './fonts.css';
import './tokens.css';
import './base.css';

/** Mounts the window's desk over a bridge. */
export async function start(bridge: Bridge): Promise<void> {
  install(bridge);
  fetchDesk(bridge.label);
  const app = createApp(App).use(createPinia()).use(i18n);
  await usePreferences().load();
  app.mount('#app');
  // Rare characters: a hundred files with thousands of ranges, which the first picture can do without.
  await import('@fontsource/noto-sans-sc/400.css');
}
