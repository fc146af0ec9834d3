// The folder of the tender package: what was typed outlives a reload, and what was read belongs to what was typed.
import { call } from '@/bridge/bridge';
import type { PackageView } from '@/generated/window';
import { useAct } from '@/stores/act';
import { computed, ref, shallowRef, watch } from 'vue';

export const FOLDER = 'clerk-folder';

const folder = ref('');
const found = shallowRef<PackageView | null>(null);
const read = ref('');

/** `again`: whether a folder that was kept is to be read again at once; `checked`: a package was read. */
export function useFolder(again: () => boolean, checked: () => void) {
  const { busy, problem, run } = useAct();

  async function check(): Promise<void> {
    const wanted = folder.value.trim();
    if (wanted === '') return;
    await run(async () => {
      found.value = await call('check_package', { folder: wanted });
      read.value = wanted;
    });
    checked();
  }

  watch(folder, (value) => sessionStorage.setItem(FOLDER, value));
  if (folder.value === '') folder.value = sessionStorage.getItem(FOLDER) ?? '';
  if (found.value === null && again()) void check();
  const stale = computed(() => found.value !== null && read.value !== folder.value.trim());
  return { folder, found, stale, busy, problem, check, run };
}
