import { install, type Bridge } from '@/bridge/bridge';
import type { BidderReview, ItemDecision } from '@/generated/window';
import { beforeEach, expect, test, vi } from 'vitest';
import { effectScope } from 'vue';
import { useDecisions } from './decisions';

const review = (draft: ItemDecision[] = [], decided: ItemDecision[] = []): BidderReview => ({ bidder: { bidder: 'B1', name: '', rejected: null }, decided, draft });
let kept: ItemDecision[][] = [];
let refuse = false;

beforeEach(() => {
  kept = [];
  refuse = false;
  vi.useFakeTimers();
  const bridge: Partial<Bridge> = {
    call: ((_: string, args: { items: ItemDecision[] }) => {
      if (refuse) return Promise.reject(new Error('full'));
      kept.push(args.items);
      return Promise.resolve(null);
    }) as unknown as Bridge['call'],
  };
  install(bridge as Bridge);
});

const use = () => effectScope().run(() => useDecisions(() => ['q1', 'q2']))!;

test('what is typed stays when a refresh brings an older draft', () => {
  const decisions = use();
  decisions.choose(review(), 'q1', 'no licence');
  expect(decisions.choice(review([{ criterion: 'q1', fail: null }]), 'q1')).toBe('no licence');
});

test('keystrokes are kept together, in the order of the criteria', async () => {
  const decisions = use();
  decisions.choose(review(), 'q2', null);
  decisions.choose(review(), 'q1', 'n');
  decisions.choose(review(), 'q1', 'no');
  await vi.advanceTimersByTimeAsync(300);
  expect(kept).toEqual([[{ criterion: 'q1', fail: 'no' }, { criterion: 'q2', fail: null }]]);
  expect(decisions.saving.value).toBe('kept');
});

test('what could not be kept waits and goes with the next try', async () => {
  const decisions = use();
  refuse = true;
  decisions.choose(review(), 'q1', null);
  await vi.advanceTimersByTimeAsync(300);
  expect(decisions.saving.value).toBe('failed');
  refuse = false;
  await decisions.flush();
  expect(kept).toEqual([[{ criterion: 'q1', fail: null }]]);
  expect(decisions.problem.value).toBeNull();
});

test('a decision stands over everything typed', () => {
  const decisions = use();
  decisions.choose(review(), 'q1', 'no licence');
  expect(decisions.choice(review([], [{ criterion: 'q1', fail: null }]), 'q1')).toBeNull();
});
