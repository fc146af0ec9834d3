// Only the columns in view are drawn, so that fifty bidders scroll as four do.
import { computed, onBeforeUnmount, onMounted, ref, type Ref } from 'vue';

const SPARE = 2;

export function useColumns(pane: Ref<HTMLElement | null>, width: () => number, count: () => number) {
  const left = ref(0);
  const wide = ref(1200);
  const first = computed(() => Math.max(0, Math.floor(left.value / width()) - SPARE));
  const last = computed(() => Math.min(count(), Math.ceil((left.value + wide.value) / width()) + SPARE));
  const look = (): void => {
    left.value = pane.value?.scrollLeft ?? 0;
  };
  const sizes = new ResizeObserver(() => {
    wide.value = pane.value?.clientWidth ?? wide.value;
  });
  onMounted(() => {
    if (!pane.value) return;
    sizes.observe(pane.value);
    pane.value.addEventListener('scroll', look, { passive: true });
  });
  onBeforeUnmount(() => {
    sizes.disconnect();
    pane.value?.removeEventListener('scroll', look);
  });
  /** All columns fit, so they may share what is left over. */
  const fits = computed(() => first.value === 0 && last.value === count() && (count() + SPARE) * width() < wide.value);
  return { first, last, fits };
}
