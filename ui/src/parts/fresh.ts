// A button that takes the place of another takes no press that was meant for the other.
import { onMounted, onUnmounted, ref, type Ref } from 'vue';

/** How long a button is new, milliseconds: longer than a hand needs to stop, shorter than one that looks first. */
export const NEW_FOR = { milliseconds: 300 };

/** Whether the button that is mounted now is new. */
export function useFresh(): Ref<boolean> {
  const fresh = ref(NEW_FOR.milliseconds > 0);
  let timer = 0;
  onMounted(() => {
    if (fresh.value) timer = window.setTimeout(() => (fresh.value = false), NEW_FOR.milliseconds);
  });
  onUnmounted(() => window.clearTimeout(timer));
  return fresh;
}
