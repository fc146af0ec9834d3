// Faults that a desk shows with its button to try again: the shell doesn't tell them a second time.
import type { Problem } from '@/generated/window';
import { onScopeDispose, shallowReactive, watch } from 'vue';

const told = shallowReactive(new Map<string, number>());

export const toldByDesk = (code: string): boolean => (told.get(code) ?? 0) > 0;

/** Tells for a notice of a desk what it shows, while it lives. */
export function useTold(problem: () => Problem | null): void {
  let mine: string | null = null;
  const tell = (code: string | null): void => {
    if (mine !== null) told.set(mine, (told.get(mine) ?? 1) - 1);
    if (code !== null) told.set(code, (told.get(code) ?? 0) + 1);
    mine = code;
  };
  watch(() => problem()?.code ?? null, tell, { immediate: true });
  onScopeDispose(() => tell(null));
}
