// What the supervisor looks at: a booth, and with it the member that actions are for.
import type { Alert, BoothTile } from '@/generated/window';
import { computed, ref } from 'vue';

export const tileKey = (tile: BoothTile): string => `${tile.site}/${tile.booth}`;

/** The booth an alert is about: its id ends in the code name or in `SITE/BOOTH`. */
function boothOf(alert: Alert, booths: readonly BoothTile[]): BoothTile | undefined {
  const rest = alert.id.slice(alert.id.indexOf(':') + 1);
  return booths.find((tile) => tile.code_name === rest || tileKey(tile) === rest);
}

export function useFocus(booths: () => readonly BoothTile[]) {
  const tile = ref<string | null>(null);
  const alert = ref<string | null>(null);
  const focused = computed(() => booths().find((known) => tileKey(known) === tile.value) ?? null);
  /** Code name that actions are for; `null`: all. */
  const line = computed(() => focused.value?.code_name ?? null);

  function selectTile(key: string): void {
    tile.value = tile.value === key ? null : key;
    alert.value = null;
  }
  function selectAlert(chosen: Alert): void {
    if (alert.value === chosen.id) {
      clear();
      return;
    }
    alert.value = chosen.id;
    const found = boothOf(chosen, booths());
    tile.value = found ? tileKey(found) : null;
  }
  function clear(): void {
    tile.value = null;
    alert.value = null;
  }
  return { tile, alert, focused, line, selectTile, selectAlert, clear };
}
