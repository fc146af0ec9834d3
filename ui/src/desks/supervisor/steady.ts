// Lists that come sorted anew never move under the hand: while the pointer or the focus is inside, the order stays.
import { computed, ref, shallowRef, watch, type ComputedRef } from 'vue';

export function useSteady<T>(items: () => readonly T[], key: (item: T) => string) {
  const held = ref(false);
  const order = shallowRef<string[]>([]);
  watch(
    [items, held],
    ([list, hold]) => {
      const keys = list.map(key);
      if (!hold) {
        order.value = keys;
        return;
      }
      const known = new Set(order.value);
      const here = new Set(keys);
      order.value = [...order.value.filter((k) => here.has(k)), ...keys.filter((k) => !known.has(k))];
    },
    { immediate: true },
  );
  const shown: ComputedRef<T[]> = computed(() => {
    const by = new Map(items().map((item) => [key(item), item]));
    return order.value.flatMap((k) => by.get(k) ?? []);
  });
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
