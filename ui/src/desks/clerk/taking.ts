// Taking a step of the path: at once, or after a deliberate moment where it can't be taken back.
import { call } from '@/bridge/bridge';
import type { Offer, Problem } from '@/generated/window';
import { deliberate } from '@/parts/deliberate';
import { useAct } from '@/stores/act';
import { inject, provide, type InjectionKey, type Ref, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { head } from './path';

/** These can't be undone, also where the offer brings no text of its own. */
const LASTING = new Set(['create_record', 'open_draw', 'record_opening', 'close_stage', 'compute_result', 'make_report', 'archive', 'end_evaluation']);

export interface Taking {
  readonly busy: Ref<boolean>;
  readonly problem: ShallowRef<Problem | null>;
  /** `label`: what its button says. */
  take(offer: Offer, label: string): void;
  /** Asks for the path again: something outside a step changed what is offered. */
  refresh(): void;
  run(work: () => Promise<unknown>): Promise<boolean>;
}

const KEY: InjectionKey<Taking> = Symbol('taking');

export function provideTaking(done: () => void): Taking {
  const { t } = useI18n();
  const { busy, problem, run } = useAct();

  async function step(offer: Offer): Promise<void> {
    await call('clerk_step', { action: offer.action });
    done();
  }

  function take(offer: Offer, label: string): void {
    const name = head(offer);
    if (offer.consequence === null && !LASTING.has(name)) {
      void run(() => step(offer));
      return;
    }
    problem.value = null;
    deliberate({
      title: label,
      consequence: offer.consequence ?? t(`clerk.consequence.${name}`),
      action: label,
      danger: name === 'end_evaluation',
      run: () => step(offer),
    });
  }

  const taking: Taking = { busy, problem, take, run, refresh: done };
  provide(KEY, taking);
  return taking;
}

export function useTaking(): Taking {
  const taking = inject(KEY);
  if (!taking) throw new Error('no path provides its steps');
  return taking;
}
