// Lists that come sorted anew never move under the hand.
import { computed, ref, shallowRef, watch, type ComputedRef } from 'vue';

/** What was there keeps its place; what comes is put behind it. */
function appended(order: readonly string[], keys: readonly string[]): string[] {
  const known = new Set(order);
  const here = new Set(keys);
  return [...order.filter((k) => here.has(k)), ...keys.filter((k) => !known.has(k))];
}

function ordered<T>(order: readonly string[], items: readonly T[], key: (item: T) => string): T[] {
  const by = new Map(items.map((item) => [key(item), item]));
  return order.flatMap((k) => by.get(k) ?? []);
}

/** In the order in which they came: for lists of things to be done. */
export function useArrival<T>(items: () => readonly T[], key: (item: T) => string): ComputedRef<T[]> {
  const order = shallowRef<string[]>([]);
  watch(items, (list) => (order.value = appended(order.value, list.map(key))), { immediate: true });
  return computed(() => ordered(order.value, items(), key));
}

/** In the order given, which stays while the pointer or the focus is inside. */
export function useSteady<T>(items: () => readonly T[], key: (item: T) => string) {
  const held = ref(false);
  const order = shallowRef<string[]>([]);
  watch(
    [items, held],
    ([list, hold]) => {
      const keys = list.map(key);
      order.value = hold ? appended(order.value, keys) : keys;
    },
    { immediate: true },
  );
  const shown: ComputedRef<T[]> = computed(() => ordered(order.value, items(), key));
  let pointer = false;
  let focus = false;
  const renew = (): void => {
    held.value = pointer || focus;
  };
  const on = {
    pointerenter: () => {
      pointer = true;
      renew();
    },
    pointerleave: () => {
      pointer = false;
      renew();
    },
    focusin: () => {
      focus = true;
      renew();
    },
    focusout: () => {
      focus = false;
      renew();
    },
  };
  return { shown, on };
}
