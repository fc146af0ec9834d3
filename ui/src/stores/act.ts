// Doing something: busy until the window shows what it changed, the problem beside the button until the next try.
import { asProblem } from '@/bridge/bridge';
import type { Problem } from '@/generated/window';
import { refreshAll } from '@/stores/live';
import { ref, shallowRef } from 'vue';

export function useAct() {
  const busy = ref(false);
  const problem = shallowRef<Problem | null>(null);
  /** Runs one at a time; `true` when it succeeded. */
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    problem.value = null;
    try {
      await work();
      await refreshAll();
      return true;
    } catch (error) {
      problem.value = asProblem(error);
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, problem, run };
}
