// The record's time line in pages: what is looked at is held, and little more.
import { asProblem, bridge, call } from '@/bridge/bridge';
import type { ActLine, Problem } from '@/generated/window';
import { onScopeDispose, ref, shallowRef, triggerRef } from 'vue';

const PAGE = 200;
const HELD = 5;

export function useRecordPages() {
  const words = ref('');
  const actsOnly = ref(false);
  const total = ref(0);
  const matching = ref(0);
  const loading = ref(true);
  const problem = shallowRef<Problem | null>(null);
  const pages = shallowRef(new Map<number, readonly ActLine[]>());
  const fresh = new Set<number>();
  let asking: number | null = null;
  let wanted: number[] = [0];
  let generation = 0;

  async function fetchWanted(): Promise<void> {
    if (asking !== null) return;
    const page = wanted.find((number) => !fresh.has(number));
    if (page === undefined) return;
    asking = page;
    const asked = generation;
    let failed = false;
    try {
      const query = { from: page * PAGE, count: PAGE, words: words.value, acts_only: actsOnly.value };
      const answer = await call('timeline', { query });
      if (asked === generation) {
        total.value = answer.total;
        matching.value = answer.matching;
        // The newest use stands last; the oldest falls out.
        pages.value.delete(page);
        pages.value.set(page, answer.acts);
        fresh.add(page);
        for (const old of pages.value.keys()) {
          if (pages.value.size <= HELD) break;
          if (wanted.includes(old)) continue;
          pages.value.delete(old);
          fresh.delete(old);
        }
        triggerRef(pages);
        problem.value = null;
        loading.value = false;
      }
    } catch (error) {
      failed = true;
      if (asked === generation) {
        problem.value = asProblem(error);
        loading.value = false;
      }
    }
    asking = null;
    if (!failed || asked !== generation) void fetchWanted();
  }

  /** These rows are looked at now. */
  function look(first: number, last: number): void {
    const next: number[] = [];
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last) / PAGE); page += 1) next.push(page);
    wanted = next;
    void fetchWanted();
  }

  /** The record may have grown: what is looked at is asked again, what is shown stays until then. */
  function renew(): void {
    fresh.clear();
    void fetchWanted();
  }

  /** Another filter: nothing known holds any more. */
  function filter(text: string, only: boolean): void {
    words.value = text;
    actsOnly.value = only;
    generation += 1;
    pages.value = new Map();
    fresh.clear();
    wanted = [0];
    loading.value = true;
    void fetchWanted();
  }

  function act(row: number): ActLine | null {
    return pages.value.get(Math.floor(row / PAGE))?.[row % PAGE] ?? null;
  }

  let stop: (() => void) | null = null;
  let disposed = false;
  void bridge()
    .onChange(renew)
    .then((unlisten) => {
      if (disposed) unlisten();
      else stop = unlisten;
    });
  onScopeDispose(() => {
    disposed = true;
    stop?.();
  });
  void fetchWanted();

  return { words, actsOnly, total, matching, loading, problem, look, renew, filter, act };
}
