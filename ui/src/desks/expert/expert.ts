// The expert's window: its read model, the page it is on, and names as the desk shows them.
import type { BidderLine, ExpertView, Offer, RoundLine, StepState } from '@/generated/window';

import { live } from '@/stores/live';
import { useStatus } from '@/stores/status';
import { computed, inject, provide, ref, watch, type InjectionKey } from 'vue';

/** Views of a round. */
export const ROUND_VIEWS = ['desk', 'matrix', 'grid', 'seal'] as const;
export type RoundView = (typeof ROUND_VIEWS)[number];
/** Pages beside the steps. */
export const EXTRA = ['rounds', 'receipts'] as const;

export interface Page {
  /** Step id, or one of the pages beside the steps. */
  readonly step: string;
  /** Within a round; `null`: what the round is at. */
  readonly view: RoundView | null;
}

export const SHAPES: Record<StepState, string> = { done: '✓', now: '▶', waiting: '◔', later: '○', stopped: '✕' };

function isView(text: string): text is RoundView {
  return (ROUND_VIEWS as readonly string[]).includes(text);
}

/** `#desk:scored/1`, `#promise`; in the gallery also `#desk` alone. */
function read(hash: string): Page | null {
  const [head = '', rest] = decodeURIComponent(hash.replace(/^#/, '')).split(':');
  if (head === '') return null;
  if (isView(head)) return { step: rest ?? '', view: head };
  return { step: head, view: null };
}

export function createExpert() {
  const of = live('expert_view', () => ({}));
  const status = useStatus();
  const view = computed<ExpertView | null>(() => of.value.value);
  const chosen = ref<Page | null>(read(location.hash));

  const round = (instance: string): RoundLine | null => view.value?.rounds.find((one) => one.instance === instance) ?? null;

  /** Where the window is without a choice: the step that is this person's turn, else the first that waits. */
  const turn = computed(() => {
    const steps = view.value?.steps ?? [];
    const found = steps.find((step) => step.state === 'stopped') ?? steps.find((step) => step.state === 'now') ?? steps.find((step) => step.state === 'waiting');
    return found?.id ?? steps[steps.length - 1]?.id ?? 'check_in';
  });

  const page = computed<Page>(() => {
    const wanted = chosen.value;
    if (!wanted || !view.value) return { step: turn.value, view: null };
    if (wanted.view !== null && round(wanted.step) === null) {
      const { view: kind } = wanted;
      const fits = view.value.rounds.filter((one) => (kind === 'matrix' ? one.review : kind === 'grid' ? !one.review : true));
      // Else the one that was worked on last.
      const begun = fits.filter((one) => one.state !== 'later');
      const open = fits.find((one) => one.state === 'open') ?? fits.find((one) => one.state === 'sealed') ?? begun[begun.length - 1] ?? fits[0];
      return { step: open?.instance ?? turn.value, view: wanted.view };
    }
    const known = view.value.steps.some((step) => step.id === wanted.step) || (EXTRA as readonly string[]).includes(wanted.step);
    return known ? wanted : { step: turn.value, view: null };
  });

  function go(step: string, to: RoundView | null = null): void {
    chosen.value = { step, view: to };
    history.replaceState(null, '', `#${to === null ? step : `${to}:${step}`}`);
  }

  // When a step is done the window goes on by itself, unless one works inside a round.
  watch(turn, (now, before) => {
    if (chosen.value && chosen.value.view === null && chosen.value.step === before && before !== now) go(now);
  });

  const offer = (action: string): Offer | undefined => view.value?.offers.find((one) => one.action === action);
  const cut = computed(() => status.status?.line.state === 'cut' || status.status?.line.state === 'stopped');
  const suspended = computed(() => status.status?.suspended ?? null);

  const names = computed(() => new Map((view.value?.bidders ?? []).map((line) => [line.bidder, line])));
  function bidderName(bidder: string): string {
    return labelOf(names.value.get(bidder) ?? { bidder, name: '', rejected: null });
  }

  return { of, view, page, turn, go, offer, round, cut, suspended, bidderName };
}

/** `B1 甲舟…`; the ordinal alone where the name is hidden. */
export function labelOf(line: BidderLine): string {
  return line.name === '' ? line.bidder : `${line.bidder} ${line.name}`;
}

export type Expert = ReturnType<typeof createExpert>;
const KEY: InjectionKey<Expert> = Symbol('expert');

export function provideExpert(): Expert {
  const expert = createExpert();
  provide(KEY, expert);
  return expert;
}

export function useExpert(): Expert {
  const expert = inject(KEY);
  if (!expert) throw new Error('not inside the expert window');
  return expert;
}

/** No dialog is open: keys of the desk apply. */
export function free(): boolean {
  return document.querySelector('dialog[open]') === null;
}

