// The way through derivations: from a number to what it is made of, and back.
import { asProblem, call } from '@/bridge/bridge';
import type { Derivation, Problem } from '@/generated/window';
import { computed, ref, shallowRef, watch, type Ref } from 'vue';

export function useTrail(root: () => string | null) {
  const trail: Ref<string[]> = ref([]);
  const kept = new Map<string, Derivation>();
  const shown = shallowRef<Derivation | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = ref(false);
  const node = computed(() => trail.value.at(-1) ?? null);
  /** The way, with the labels that are known. */
  const crumbs = computed(() => (shown.value ? trail.value.map((id) => ({ id, label: kept.get(id)?.label ?? null })) : []));

  async function load(): Promise<void> {
    const wanted = node.value;
    problem.value = null;
    if (wanted === null) {
      shown.value = null;
      return;
    }
    loading.value = true;
    try {
      const answer = kept.get(wanted) ?? (await call('derivation', { node: wanted }));
      if (kept.size > 500) kept.clear();
      kept.set(wanted, answer);
      if (node.value === wanted) shown.value = answer;
    } catch (error) {
      if (node.value === wanted) problem.value = asProblem(error);
    } finally {
      if (node.value === wanted) loading.value = false;
    }
  }

  watch(root, (id) => (trail.value = id === null ? [] : [id]), { immediate: true });
  watch(node, () => void load(), { immediate: true });
  const into = (id: string): void => void (trail.value = [...trail.value, id]);
  const back = (place: number): void => void (trail.value = trail.value.slice(0, place + 1));
  return { shown, problem, loading, crumbs, trail, into, back, load };
}
