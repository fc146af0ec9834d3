// Version and build of this program, asked once a window.
import { call } from '@/bridge/bridge';
import type { About } from '@/generated/window';
import { shallowRef, type ShallowRef } from 'vue';

const about = shallowRef<About | null>(null);
let asked = false;

export function useAbout(): ShallowRef<About | null> {
  if (!asked) {
    asked = true;
    call('about', {}).then(
      (answer) => {
        about.value = answer;
      },
      () => {
        asked = false;
      },
    );
  }
  return about;
}
