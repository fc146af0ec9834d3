import { expect, test } from 'vitest';
import { effectScope, nextTick, ref } from 'vue';
import { useArrival, useSteady } from './steady';

test('the order stays while the pointer is inside, and is renewed after it', async () => {
  const items = ref(['a', 'b', 'c']);
  const { shown, on } = effectScope().run(() => useSteady(() => items.value, (item) => item))!;
  on.pointerenter();
  items.value = ['d', 'c', 'a'];
  await nextTick();
  expect(shown.value).toEqual(['a', 'c', 'd']);
  on.pointerleave();
  await nextTick();
  expect(shown.value).toEqual(['d', 'c', 'a']);
});

test('what comes is put behind what was there, whatever its rank', async () => {
  const items = ref(['c']);
  const shown = effectScope().run(() => useArrival(() => items.value, (item) => item))!;
  items.value = ['a', 'c', 'd'];
  await nextTick();
  expect(shown.value).toEqual(['c', 'a', 'd']);
  items.value = ['a', 'd'];
  await nextTick();
  expect(shown.value).toEqual(['a', 'd']);
});
