// Whether board and record fit beside each other.
import { onScopeDispose, ref } from 'vue';

export function useWide() {
  const query = window.matchMedia('(min-width: 1680px)');
  const wide = ref(query.matches);
  const renew = (): void => {
    wide.value = query.matches;
  };
  query.addEventListener('change', renew);
  onScopeDispose(() => query.removeEventListener('change', renew));
  return wide;
}
