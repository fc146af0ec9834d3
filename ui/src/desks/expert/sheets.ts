// The sheets of this member: what is typed is held here until the Rust side has answered that it is kept.
// Only this window writes these cells, so what was typed here stands above any snapshot.
import { asProblem, call } from '@/bridge/bridge';
import type { CellInput, CriterionLine, Gap, NamedPage, Problem, SheetView, Words } from '@/generated/window';
import { live } from '@/stores/live';
import { useStatus } from '@/stores/status';
import { computed, effectScope, reactive, ref, watch } from 'vue';
import { move, nextGap, type Move, type Order, type Place } from './moves';
import { byteLength, judge, type Typed } from './score';

/** `unwritten`: taken, in memory alone until the disk of this PC lets it be written. */
export type Keeping = 'quiet' | 'keeping' | 'kept' | 'unwritten' | 'failed';

export interface CellState {
  readonly bidder: string;
  readonly criterion: string;
  /** The text of the field, also where it is no score. */
  typed: string;
  value: string | null;
  reason: string;
  /** As the Rust side holds it. */
  kept: { value: string | null; reason: string };
  keeping: Keeping;
  problem: Problem | null;
  gap: Words | null;
  /** Something was typed here in this window. */
  touched: boolean;
}

/** Milliseconds of quiet before a reason is sent. */
const REASON_WAIT = 60;
const keyOf = (bidder: string, criterion: string): string => `${bidder} ${criterion}`;

function createSheet(instance: string) {
  const of = live('sheet', () => ({ instance }));
  const status = useStatus();
  const view = computed<SheetView | null>(() => of.value.value);
  const cells = reactive(new Map<string, CellState>());
  const running = new Set<string>();
  const again = new Set<string>();
  const timers = new Map<string, number>();
  const at = ref<Place>({ bidder: '', criterion: '' });
  /** Cells filled and all cells, as the Rust side counts them; `null` until it said so. */
  const counted = ref<{ filled: number; of: number } | null>(null);

  const criteria = computed(() => new Map((view.value?.criteria ?? []).map((line) => [line.id, line])));
  const order = computed<Order>(() => ({
    bidders: (view.value?.bidders ?? []).map((line) => line.bidder),
    criteria: (view.value?.criteria ?? []).map((line) => line.id),
  }));
  const pages = computed(() => new Map((view.value?.pages ?? []).map((page) => [keyOf(page.bidder, page.criterion), page])));
  const viewGaps = computed(() => new Map((view.value?.gaps ?? []).map((gap) => [keyOf(gap.bidder, gap.criterion), gap.what])));

  function cell(bidder: string, criterion: string): CellState {
    const key = keyOf(bidder, criterion);
    const known = cells.get(key);
    if (known) return known;
    cells.set(key, {
      bidder,
      criterion,
      typed: '',
      value: null,
      reason: '',
      kept: { value: null, reason: '' },
      keeping: 'quiet',
      problem: null,
      gap: null,
      touched: false,
    });
    return cells.get(key) as CellState;
  }

  watch(
    view,
    (now) => {
      if (!now) return;
      const given = new Map(now.cells.map((one) => [keyOf(one.bidder, one.criterion), one]));
      for (const bidder of order.value.bidders) {
        for (const criterion of order.value.criteria) {
          const state = cell(bidder, criterion);
          if (state.touched) continue;
          const key = keyOf(bidder, criterion);
          const value = given.get(key)?.value ?? null;
          const reason = given.get(key)?.reason ?? '';
          if (state.kept.value !== value || state.kept.reason !== reason || state.value !== value) {
            Object.assign(state, { typed: value ?? '', value, reason, kept: { value, reason } });
          }
          state.gap = viewGaps.value.get(key) ?? null;
        }
      }
      const { bidders, criteria: ids } = order.value;
      if (!bidders.includes(at.value.bidder) || !ids.includes(at.value.criterion)) {
        at.value = nextGap({ bidder: bidders[bidders.length - 1] ?? '', criterion: ids[ids.length - 1] ?? '' }, order.value, isGap) ?? {
          bidder: bidders[0] ?? '',
          criterion: ids[0] ?? '',
        };
      }
    },
    { immediate: true },
  );

  function isGap(bidder: string, criterion: string): boolean {
    const state = cells.get(keyOf(bidder, criterion));
    return state !== undefined && state.gap !== null;
  }

  /** One call at a time for a cell; what was typed during a call is sent after it, the latest only. */
  async function put(state: CellState): Promise<void> {
    const key = keyOf(state.bidder, state.criterion);
    if (running.has(key)) {
      again.add(key);
      return;
    }
    running.add(key);
    do {
      again.delete(key);
      const sent: CellInput = { instance, bidder: state.bidder, criterion: state.criterion, value: state.value, reason: state.reason };
      state.keeping = 'keeping';
      try {
        const answer = await call('put_cell', { cell: sent });
        state.kept = { value: answer.cell.value, reason: answer.cell.reason };
        state.gap = answer.gap;
        state.problem = null;
        // What was typed during the call is not kept by it.
        const whole = state.value === sent.value && state.reason === sent.reason;
        if (whole) state.keeping = answer.durable ? 'kept' : 'unwritten';
        counted.value = { filled: answer.filled, of: answer.of };
      } catch (error) {
        state.problem = asProblem(error);
        state.keeping = 'failed';
      }
    } while (again.has(key));
    running.delete(key);
  }

  // The Rust side writes what waits by itself, and counts it down in the status.
  watch(
    () => status.status?.safety.unwritten ?? 0,
    (left) => {
      if (left > 0) return;
      for (const state of cells.values()) if (state.keeping === 'unwritten') state.keeping = 'kept';
    },
  );

  function later(state: CellState, wait: number): void {
    const key = keyOf(state.bidder, state.criterion);
    window.clearTimeout(timers.get(key));
    state.touched = true;
    // From the first key on it is not said to be kept.
    state.keeping = 'keeping';
    if (wait === 0) void put(state);
    else timers.set(key, window.setTimeout(() => void put(state), wait));
  }

  function judged(state: CellState): Typed {
    const criterion = criteria.value.get(state.criterion);
    return criterion ? judge(state.typed, criterion.kind) : { state: 'empty' };
  }

  /** A score as typed; only what is valid, or empty, goes on. */
  function score(state: CellState, typed: string): void {
    state.typed = typed;
    state.touched = true;
    const found = judged(state);
    if (found.state !== 'valid' && found.state !== 'empty') return;
    const value = found.state === 'valid' ? found.value : null;
    if (value === state.value && state.keeping !== 'failed') return;
    state.value = value;
    later(state, 0);
  }

  function tooLong(text: string): boolean {
    return byteLength(text) > (view.value?.reason_max ?? Number.MAX_SAFE_INTEGER);
  }

  /** While an input method composes, the text is held but not sent. */
  function reason(state: CellState, text: string, composing: boolean): void {
    state.reason = text;
    state.touched = true;
    if (composing) state.keeping = 'keeping';
    else if (!tooLong(text)) later(state, REASON_WAIT);
  }

  function progress(bidder: string): { filled: number; of: number; gaps: number } {
    let filled = 0;
    let gaps = 0;
    for (const criterion of order.value.criteria) {
      const state = cells.get(keyOf(bidder, criterion));
      if (state && state.kept.value !== null) filled += 1;
      if (!state || state.gap !== null) gaps += 1;
    }
    return { filled, of: order.value.criteria.length, gaps };
  }

  const gaps = computed<Gap[]>(() => {
    const list: Gap[] = [];
    for (const bidder of order.value.bidders) {
      for (const criterion of order.value.criteria) {
        const what = cells.get(keyOf(bidder, criterion))?.gap;
        if (what) list.push({ bidder, criterion, what });
      }
    }
    return list;
  });
  const total = computed(() => {
    let filled = 0;
    for (const state of cells.values()) if (state.kept.value !== null) filled += 1;
    return counted.value ?? { filled, of: order.value.bidders.length * order.value.criteria.length };
  });
  /** Cells whose text is not kept: refused, failed or not a score. */
  const loose = computed(() => [...cells.values()].filter((state) => state.keeping === 'failed' || (state.touched && judged(state).state !== 'valid' && state.typed !== '')));

  return {
    instance,
    live: of,
    view,
    cells,
    at,
    order,
    criteria,
    gaps,
    total,
    loose,
    cell,
    score,
    reason,
    judged,
    tooLong,
    progress,
    again: (state: CellState): void => later(state, 0),
    named: (bidder: string, criterion: string): NamedPage | null => pages.value.get(keyOf(bidder, criterion)) ?? null,
    criterion: (id: string): CriterionLine | null => criteria.value.get(id) ?? null,
    go: (how: Move): void => {
      at.value = move(at.value, order.value, how);
    },
    goTo: (place: Place): void => {
      at.value = { bidder: place.bidder, criterion: place.criterion };
    },
    goToGap: (): boolean => {
      const found = nextGap(at.value, order.value, isGap);
      if (found) at.value = found;
      return found !== null;
    },
  };
}

export type Sheet = ReturnType<typeof createSheet>;

// A sheet lives as long as the window: changing the page loses nothing that was typed.
const sheets = new Map<string, Sheet>();

export function sheetOf(instance: string): Sheet {
  const known = sheets.get(instance);
  if (known) return known;
  const made = effectScope(true).run(() => createSheet(instance));
  if (!made) throw new Error('a sheet could not be made');
  sheets.set(instance, made);
  return made;
}
