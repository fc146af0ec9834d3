// Read models: a snapshot, fetched anew whenever the Rust side says that something changed.
import { bridge, asProblem, call, type Answer, type Arguments, type CommandName } from '@/bridge/bridge';
import type { Problem } from '@/generated/window';
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';

export interface Live<T> {
  /** The newest snapshot; `null` while none has come. */
  readonly value: ShallowRef<T | null>;
  /** The last call failed. The snapshot before it stays. */
  readonly problem: ShallowRef<Problem | null>;
  /** Nothing has come yet and nothing has failed. */
  readonly loading: ShallowRef<boolean>;
  /** Asks again now. */
  refresh(): Promise<void>;
}

/** Every read model that is on the screen. */
const onScreen = new Set<() => Promise<void>>();

/** Asks for every read model on the screen again: after an act the person sees what it changed. */
export async function refreshAll(): Promise<void> {
  await Promise.all([...onScreen].map((refresh) => refresh()));
}

/** A read model of this window. One call at a time; a change during a call asks once more after it. */
export function live<K extends CommandName>(name: K, args: () => Arguments<K> | null): Live<Answer<K>> {
  const value = shallowRef<Answer<K> | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = shallowRef(true);
  let running = Promise.resolve();
  let busy = false;
  let again = false;

  /** Ends when an answer that was asked for after this call has come. */
  async function refresh(): Promise<void> {
    if (busy) again = true;
    else running = ask();
    await running;
  }

  async function ask(): Promise<void> {
    busy = true;
    do {
      again = false;
      const wanted = args();
      if (wanted === null) break;
      try {
        value.value = await call(name, wanted);
        problem.value = null;
      } catch (error) {
        problem.value = asProblem(error);
      }
      loading.value = false;
    } while (again);
    busy = false;
  }

  let stop: (() => void) | null = null;
  let disposed = false;
  void bridge()
    .onChange(() => void refresh())
    .then((unlisten) => {
      if (disposed) unlisten();
      else stop = unlisten;
    });
  onScreen.add(refresh);
  onScopeDispose(() => {
    disposed = true;
    onScreen.delete(refresh);
    stop?.();
  });
  void refresh();
  return { value, problem, loading, refresh };
}
