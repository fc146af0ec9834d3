// Lines on a wall: as large as the place allows, all of them in view, never cut off at the side.
import { nextTick, onBeforeUnmount, onMounted, onUpdated, type Ref } from 'vue';

/** Largest text on the wall against the text around it. */
const LARGEST = 1.15;
const IN_ROW = 0.5;

export function useFit(box: Ref<HTMLElement | null>, rows: Ref<number>, on: () => boolean): void {
  let watcher: ResizeObserver | null = null;

  function set(name: string, pixels: number): void {
    const value = `${Math.floor(pixels * 10) / 10}px`;
    if (box.value && box.value.style.getPropertyValue(name) !== value) box.value.style.setProperty(name, value);
  }

  function fit(): void {
    const element = box.value;
    if (!element || !on()) return;
    const around = Number.parseFloat(getComputedStyle(element).fontSize);
    const row = Math.min(element.clientHeight / rows.value, around * LARGEST * 2.1);
    const wanted = Math.min(around * LARGEST, row * IN_ROW);
    set('--fit-row', row);
    set('--fit', wanted);
    const tables = [...element.querySelectorAll<HTMLElement>('table')];
    const room = (element.clientWidth - around * 2.4 * (tables.length - 1)) / tables.length;
    let size = wanted;
    for (let turn = 0; turn < 4; turn += 1) {
      const widest = Math.max(1, ...tables.map((table) => table.offsetWidth));
      if (widest <= room + 0.5) return;
      size = (size * room * 0.995) / widest;
      set('--fit', size);
    }
  }

  onMounted(() => {
    if (!on() || !box.value) return;
    watcher = new ResizeObserver(fit);
    watcher.observe(box.value);
    void nextTick(fit);
    document.fonts?.addEventListener('loadingdone', fit);
  });
  onUpdated(fit);
  onBeforeUnmount(() => {
    watcher?.disconnect();
    document.fonts?.removeEventListener('loadingdone', fit);
  });
}
