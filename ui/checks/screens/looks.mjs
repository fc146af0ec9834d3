// The looks in which every scene is shown: two sizes, two languages, light and dark.
const SIZES = [
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
];
const LANGUAGES = ['zh-CN', 'en'];
const THEMES = ['light', 'dark'];

export const LOOKS = SIZES.flatMap((size) => LANGUAGES.flatMap((language) => THEMES.map((theme) => ({ ...size, language, theme }))));

/** As it stands in names of files and findings. */
export function lookName(look) {
  return `${look.width}-${look.language === 'en' ? 'en' : 'zh'}-${look.theme}`;
}

/**
 * One look a scene, so that all looks are met over the scenes and neighbours differ in everything: a step of three
 * through eight looks changes size, language or theme from one state of a screen to the next.
 */
export function rotated(index) {
  return LOOKS[(index * 3) % LOOKS.length];
}

/** Every pair of a scene and a look that is to be shown. */
export function plan(scenes, once) {
  return scenes.flatMap((scene, index) => (once ? [rotated(index)] : LOOKS).map((look) => ({ scene, look })));
}
