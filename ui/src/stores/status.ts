import { live } from '@/stores/live';
import { defineStore } from 'pinia';
import { computed } from 'vue';

/** The status strip's read model, one a window. */
export const useStatus = defineStore('status', () => {
  const status = live('status', () => ({}));
  const zone = computed(() => status.value.value?.clock.zone ?? 480);
  return { status: status.value, problem: status.problem, loading: status.loading, refresh: status.refresh, zone };
});
