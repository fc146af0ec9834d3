// Lines on a wall: as large as the place allows, never cut off. What would be too small to be read goes on further pages.
import { nextTick, onBeforeUnmount, onMounted, onUpdated, ref, type Ref } from 'vue';

/** Largest text on the wall against the text around it. */
const LARGEST = 1.15;
/** Smallest: in pixels, and against the text around it. */
const LEAST = 16;
const LEAST_OF = 0.6;
const IN_ROW = 0.6;

/** How many pages the lines take. */
export function useFit(box: Ref<HTMLElement | null>, lines: () => number, on: () => boolean): Ref<number> {
  const pages = ref(1);
  let watcher: ResizeObserver | null = null;

  function set(name: string, pixels: number): void {
    const value = `${Math.floor(pixels * 10) / 10}px`;
    if (box.value && box.value.style.getPropertyValue(name) !== value) box.value.style.setProperty(name, value);
  }

  function fit(): void {
    const element = box.value;
    const table = element?.querySelector('table');
    if (!element || !table || !on() || element.clientHeight === 0) return;
    const around = Number.parseFloat(getComputedStyle(element).fontSize);
    const least = Math.max(LEAST, around * LEAST_OF) / IN_ROW;
    const most = Math.max(1, Math.floor(element.clientHeight / least) - 1);
    pages.value = Math.max(1, Math.ceil(lines() / most));
    const rows = Math.ceil(lines() / pages.value) + 1;
    let row = Math.min(element.clientHeight / rows, around * LARGEST * 2.1);
    let size = Math.min(around * LARGEST, row * IN_ROW);
    for (let turn = 0; turn < 6; turn += 1) {
      set('--fit-row', row);
      set('--fit', size);
      const wide = table.offsetWidth / (element.clientWidth + 0.5);
      const high = table.offsetHeight / (element.clientHeight + 0.5);
      if (wide <= 1 && high <= 1) return;
      // A reason in two lines makes its row grow.
      if (high > 1) row = (row * 0.99) / high;
      size = Math.min((size * 0.995) / Math.max(1, wide), row * IN_ROW);
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
  return pages;
}
