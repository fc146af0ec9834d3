import { createI18n } from 'vue-i18n';
import type { Language, Words } from '@/generated/window';

// One file a desk and language; the file's name is the first part of every key in it.
type Tree = { [key: string]: string | Tree };
const files = import.meta.glob<Tree>('./locales/*/*.json', { eager: true, import: 'default' });

function messages(language: string): Tree {
  const all: Tree = {};
  for (const [path, tree] of Object.entries(files)) {
    const [, of, name] = /\/locales\/([^/]+)\/([^/]+)\.json$/.exec(path) ?? [];
    if (of === language && name) all[name] = tree;
  }
  return all;
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': messages('zh-CN'), en: messages('en') } as never,
});

export function setLanguage(language: Language): void {
  (i18n.global.locale as unknown as { value: string }).value = language;
  document.documentElement.lang = language;
}

/** A bilingual text from the Rust side in the language of the window. */
export function words(text: Words): string {
  const language = (i18n.global.locale as unknown as { value: string }).value;
  return language === 'en' ? text.en : text.zh;
}
