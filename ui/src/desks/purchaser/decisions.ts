// What is typed for each bidder: kept here at once, on this PC soon after, and never replaced by a refresh.
import { asProblem, call } from '@/bridge/bridge';
import type { BidderReview, ItemDecision, Problem } from '@/generated/window';
import { onScopeDispose, reactive, ref, shallowRef } from 'vue';

/** `undefined`: nothing chosen; `null`: passed; text: failed, with the reason so far. */
export type Choice = string | null | undefined;
export type Saving = 'kept' | 'saving' | 'failed';

const WAIT = 250;

export function useDecisions(criteria: () => readonly string[]) {
  const typed = reactive(new Map<string, Map<string, string | null>>());
  /** Bidders with something that is not kept yet, and the snapshot it was typed over. */
  const unkept = new Map<string, BidderReview>();
  const saving = ref<Saving>('kept');
  const problem = shallowRef<Problem | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let queue: Promise<void> = Promise.resolve();

  function rows(review: BidderReview): ReadonlyMap<string, string | null> {
    return typed.get(review.bidder.bidder) ?? new Map(review.draft.map((item) => [item.criterion, item.fail]));
  }

  function choice(review: BidderReview, criterion: string): Choice {
    if (review.decided.length === 0) return rows(review).get(criterion);
    return review.decided.find((known) => known.criterion === criterion)?.fail;
  }

  /** In the order of the criteria. */
  function items(review: BidderReview): ItemDecision[] {
    const own = rows(review);
    return criteria().flatMap((criterion) => (own.has(criterion) ? [{ criterion, fail: own.get(criterion) ?? null }] : []));
  }

  /** One after the other, so that an older draft never comes after a newer one. */
  async function keepAll(): Promise<void> {
    for (const [bidder, review] of [...unkept]) {
      unkept.delete(bidder);
      try {
        await call('put_decision', { bidder, items: items(review) });
        problem.value = null;
      } catch (error) {
        if (!unkept.has(bidder)) unkept.set(bidder, review);
        problem.value = asProblem(error);
        saving.value = 'failed';
        return;
      }
    }
    if (unkept.size === 0) saving.value = 'kept';
  }

  /** Keeps now what still waits. */
  function flush(): Promise<void> {
    clearTimeout(timer);
    queue = queue.then(keepAll);
    return queue;
  }

  function choose(review: BidderReview, criterion: string, value: string | null): void {
    const bidder = review.bidder.bidder;
    typed.set(bidder, new Map([...rows(review), [criterion, value]]));
    unkept.set(bidder, review);
    saving.value = 'saving';
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), WAIT);
  }

  onScopeDispose(() => void flush());
  return { choice, items, choose, flush, saving, problem };
}
