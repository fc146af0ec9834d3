// The clerk's path: which step is shown, and which offers belong to it.
import type { ClerkView, Offer, Step } from '@/generated/window';

export const STEPS = ['prepare', 'sites', 'lot_key', 'bids', 'opening', 'committee', 'rounds', 'result', 'report', 'archive'] as const;

const PLACE: Record<string, string> = {
  create_record: 'prepare',
  set_up: 'sites',
  define_lot_key: 'lot_key',
  declare_ingest_key: 'lot_key',
  start_opening: 'opening',
  open_next: 'opening',
  record_opening: 'opening',
  allow_late_opening: 'opening',
  seat_members: 'committee',
  open_draw: 'committee',
  open_stage: 'rounds',
  close_stage: 'rounds',
  define_round: 'rounds',
  open_round: 'rounds',
  enter_prices: 'rounds',
  compute_result: 'result',
  make_report: 'report',
  archive: 'archive',
  save_package: 'archive',
};

/** Name of the action without its subject. */
export function head(offer: Offer): string {
  return offer.action.split(':')[0] ?? offer.action;
}

/** What the action concerns, e.g. a stage instance; empty where there is one only. */
export function subject(offer: Offer): string {
  const at = offer.action.indexOf(':');
  return at < 0 ? '' : offer.action.slice(at + 1);
}

/** Stable id of the button of an offer. */
export function buttonId(offer: Offer): string {
  return offer.action.replace(/:/g, '-');
}

/** The step at which an offer stands. The parts of a price opening are opened by the same acts, later on the path. */
export function placeOf(offer: Offer, steps: readonly Step[]): string {
  const place = PLACE[head(offer)] ?? '';
  const opened = steps.some((step) => step.id === 'opening' && step.state === 'done');
  return place === 'opening' && opened ? 'rounds' : place;
}

export function offersAt(view: ClerkView, step: string): Offer[] {
  return view.offers.filter((offer) => placeOf(offer, view.steps) === step);
}

/** The step that is due: the first that can go on, else the first that waits. */
export function dueStep(steps: readonly Step[]): string {
  for (const state of ['now', 'stopped', 'waiting'] as const) {
    const found = steps.find((step) => step.state === state);
    if (found) return found.id;
  }
  return [...steps].reverse().find((step) => step.state === 'done')?.id ?? 'prepare';
}
