// The keyboard: letter keys are off while a field or an input method is active; `?` lists what works.
import { onScopeDispose, reactive } from 'vue';

export interface KeyLine {
  /** As in `KeyboardEvent.key`; `Ctrl+` before it where needed. */
  readonly key: string;
  /** i18n key of what it does. */
  readonly title: string;
  /** Also while a field has the focus (never for plain letters). */
  readonly inFields?: boolean;
  /** Whether it applies to this stroke; others pass by untouched. */
  when?(event: KeyboardEvent): boolean;
  run(event: KeyboardEvent): void;
}

const active = reactive<KeyLine[][]>([]);

/** Keys of the screens shown now, for the map under `?`. */
export function keyMap(): readonly KeyLine[] {
  return active.flat();
}

function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

function onKey(event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229 || event.altKey || event.metaKey) return;
  // Caps Lock changes nothing.
  const name = (event.ctrlKey ? 'Ctrl+' : '') + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  const field = inField(event.target);
  for (const lines of [...active].reverse()) {
    const found = lines.find((line) => line.key === name && (!field || line.inFields === true) && (line.when?.(event) ?? true));
    if (found) {
      event.preventDefault();
      found.run(event);
      return;
    }
  }
}

let listening = false;

/** Adds keys while the calling screen lives. Later screens win. */
export function useKeys(lines: KeyLine[]): void {
  if (!listening) {
    window.addEventListener('keydown', onKey);
    listening = true;
  }
  active.push(lines);
  onScopeDispose(() => {
    const at = active.findIndex((known) => known.length === lines.length && known.every((k, i) => k.title === lines[i]?.title));
    if (at >= 0) active.splice(at, 1);
  });
}
