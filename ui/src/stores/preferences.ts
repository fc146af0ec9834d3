import { call } from '@/bridge/bridge';
import type { Preferences } from '@/generated/window';
import { setLanguage } from '@/i18n';
import { defineStore } from 'pinia';
import { ref } from 'vue';

/** Language, theme and text size, remembered per person by the Rust side. */
export const usePreferences = defineStore('preferences', () => {
  const value = ref<Preferences>({ language: 'zh-CN', theme: 'light', text: 'comfortable' });

  function show(preferences: Preferences): void {
    value.value = preferences;
    setLanguage(preferences.language);
    document.documentElement.dataset.theme = preferences.theme;
    document.documentElement.dataset.text = preferences.text;
  }

  async function load(): Promise<void> {
    show(await call('preferences', {}));
  }

  async function change(part: Partial<Preferences>): Promise<void> {
    const wanted = { ...value.value, ...part };
    show(wanted);
    show(await call('set_preferences', { preferences: wanted }));
  }

  return { value, load, change };
});
