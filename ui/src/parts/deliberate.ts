// A deliberate moment: what it does, a reason or a PIN where one is asked, and a button that says the consequence.
import type { Words } from '@/generated/window';
import { shallowRef } from 'vue';

export interface Deliberation {
  /** Title of the dialog. */
  readonly title: string;
  /** What it will do. */
  readonly consequence: Words | string;
  /** Text of the button: the consequence as a verb. */
  readonly action: string;
  readonly danger?: boolean;
  readonly needsPin?: boolean;
  /** Label of the reason field, where one is asked. */
  readonly reasonLabel?: string;
  readonly reasonRequired?: boolean;
  /** Does it; a rejected promise stays in the dialog as a problem, what was typed is kept. */
  run(given: { pin: string; reason: string }): Promise<unknown>;
}

export const pending = shallowRef<Deliberation | null>(null);

/** Opens the dialog; the focus is never on its button by default. */
export function deliberate(what: Deliberation): void {
  pending.value = what;
}
