// What is read in a window: the library, sizes and outlines, and one to four panes over it.
import { asProblem, call } from '@/bridge/bridge';
import type { DocumentLine, DocumentView, Hit, Problem } from '@/generated/window';
import { live } from '@/stores/live';
import { computed, inject, provide, reactive, ref, shallowReactive, watch, type InjectionKey } from 'vue';
import type { Zoom } from './pages';

export type Place = readonly [number, number, number, number];

export interface Pane {
  readonly id: number;
  document: string | null;
  /** Pages before the top of the view, with the part of the page there. */
  at: number;
  zoom: Zoom;
  /** Where to go next; a new number goes there even when the place is the same. */
  goal: { at: number; place: Place | null; number: number };
  /** The place that was found, marked until the next jump. */
  mark: { page: number; place: Place } | null;
}

export type Opened = { readonly view: DocumentView } | { readonly problem: Problem } | { readonly asking: true };

export const COUNTS = [1, 2, 4] as const;

export function createReading() {
  const library = live('library', () => ({}));
  const documents = computed<readonly DocumentLine[]>(() => library.value.value?.documents ?? []);
  const views = shallowReactive(new Map<string, Opened>());
  const remembered = new Map<string, number>();
  const panes = reactive<Pane[]>(
    [0, 1, 2, 3].map((id) => ({ id, document: null, at: 0, zoom: 'width', goal: { at: 0, place: null, number: 0 }, mark: null })),
  );
  const count = ref<1 | 2 | 4>(1);
  const active = ref(0);
  const linked = ref(false);
  /** The bid that is worked on. */
  let current: string | null = null;
  /** Somebody has arranged the panes already. */
  const begun = ref(false);
  let goals = 0;

  const line = (id: string | null): DocumentLine | null => documents.value.find((known) => known.id === id) ?? null;

  async function view(id: string): Promise<void> {
    const known = views.get(id);
    if (known && !('problem' in known)) return;
    if (line(id)?.state.state !== 'ready') return;
    views.set(id, { asking: true });
    try {
      views.set(id, { view: await call('document', { id }) });
    } catch (error) {
      views.set(id, { problem: asProblem(error) });
    }
  }

  /** Shows a document in a pane, at a page or where it was left. */
  function show(pane: number, document: string, page?: number, place: Place | null = null): void {
    const target = panes[pane];
    if (!target) return;
    if (target.document !== null) remembered.set(target.document, target.at);
    target.document = document;
    goals += 1;
    const at = page === undefined ? (remembered.get(document) ?? 0) : page - 1;
    target.at = at;
    target.goal = { at, place, number: goals };
    target.mark = page !== undefined && place ? { page, place } : null;
    active.value = pane;
    void view(document);
  }

  const shown = computed(() => panes.slice(0, count.value));
  const isTender = (id: string | null): boolean => line(id)?.bidder === null;

  /** The pane for a document: the one that shows it, else one that doesn't hold what is compared with. */
  function paneFor(document: string): number {
    const already = shown.value.find((pane) => pane.document === document);
    if (already) return already.id;
    const tender = isTender(document);
    const fits = (pane: Pane): boolean => pane.document === null || isTender(pane.document) === tender;
    const now = panes[active.value];
    if (now && active.value < count.value && fits(now)) return now.id;
    return (shown.value.find(fits) ?? shown.value[shown.value.length - 1])?.id ?? 0;
  }

  function open(document: string, page?: number, place: Place | null = null): void {
    show(paneFor(document), document, page, place);
  }

  function openTender(page: number): void {
    const tender = documents.value.find((known) => known.bidder === null);
    if (tender) open(tender.id, page);
  }

  function openHit(hit: Hit): void {
    open(hit.document, hit.page, hit.place);
  }

  /** A pane that held another bid follows to this one: the named page, else the same part. */
  function follow(bidder: string, named: { document: string; page: number } | null): void {
    current = bidder;
    const pane = shown.value.find((one) => one.id === active.value && !isTender(one.document)) ?? shown.value.find((one) => one.document !== null && !isTender(one.document));
    if (!pane) return;
    if (named) {
      show(pane.id, named.document, named.page);
      return;
    }
    const part = line(pane.document)?.part ?? null;
    const of = documents.value.filter((known) => known.bidder === bidder);
    const found = of.find((known) => known.part === part) ?? of[0];
    if (found && found.id !== pane.document) show(pane.id, found.id);
  }

  /** A pane was scrolled by hand; linked panes move by as many pages. */
  function moved(pane: number, at: number, byHand: boolean): void {
    const target = panes[pane];
    if (!target) return;
    const by = at - target.at;
    target.at = at;
    if (!byHand) return;
    active.value = pane;
    if (!linked.value || by === 0) return;
    for (const other of shown.value) {
      if (other.id === pane || other.document === null) continue;
      goals += 1;
      other.goal = { at: Math.max(0, other.at + by), place: null, number: goals };
    }
  }

  function setCount(wanted: 1 | 2 | 4): void {
    count.value = wanted;
    if (active.value >= wanted) active.value = 0;
    fill();
  }

  /** Empty panes get something to read: the tender first, then the bid that is worked on, then the others in order. */
  function fill(): void {
    const was = active.value;
    const taken = new Set(shown.value.map((pane) => pane.document));
    for (const pane of shown.value) {
      if (pane.document !== null) continue;
      const free = documents.value.filter((known) => !taken.has(known.id) && known.state.state === 'ready');
      const tender = free.find((known) => known.bidder === null);
      const next = tender ?? free.find((known) => known.bidder === current) ?? free[0] ?? documents.value[0];
      if (!next) continue;
      taken.add(next.id);
      show(pane.id, next.id);
    }
    active.value = was;
  }

  // Documents arrive while one reads.
  watch(documents, () => {
    for (const pane of panes) if (pane.document !== null) void view(pane.document);
    fill();
  });

  return { library, documents, views, panes, shown, count, active, linked, begun, line, view, show, open, openTender, openHit, follow, moved, setCount, fill };
}

export type Reading = ReturnType<typeof createReading>;
const KEY: InjectionKey<Reading> = Symbol('reading');

/** Made once a window, by the desk that reads. */
export function provideReading(): Reading {
  const reading = createReading();
  provide(KEY, reading);
  return reading;
}

export function useReading(): Reading {
  const reading = inject(KEY);
  if (!reading) throw new Error('this desk provides no reading');
  return reading;
}
