// What was typed stays through closing, errors and reloads of the window, until it was done.
import { ref, watch, type Ref } from 'vue';

export function useDraft(name: string): { text: Ref<string>; forget(): void } {
  const key = `draft.${name}`;
  const text = ref(sessionStorage.getItem(key) ?? '');
  watch(text, (now) => sessionStorage.setItem(key, now));
  return {
    text,
    forget: () => {
      text.value = '';
    },
  };
}
