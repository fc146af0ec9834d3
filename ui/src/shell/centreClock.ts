// The centre's clock between two snapshots: what the centre said, plus what this window measured since.
import { useStatus } from '@/stores/status';
import { computed, onScopeDispose, ref, watch, type ComputedRef } from 'vue';

export function useCentreClock(): ComputedRef<number | null> {
  const store = useStatus();
  const elapsed = ref(0);
  let from = performance.now();
  watch(
    () => store.status,
    () => {
      from = performance.now();
      elapsed.value = 0;
    },
  );
  const timer = window.setInterval(() => {
    elapsed.value = performance.now() - from;
  }, 500);
  onScopeDispose(() => window.clearInterval(timer));
  return computed(() => (store.status ? store.status.clock.centre + elapsed.value : null));
}
