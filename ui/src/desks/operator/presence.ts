// What each presence looks like: one shape and one word.
import type { Presence } from '@/generated/window';
import type { Shape, Tone } from '@/parts/duty/ShapeMark.vue';

export const PRESENCE: Record<Presence, { shape: Shape; tone: Tone }> = {
  due: { shape: 'ring', tone: 'quiet' },
  late: { shape: 'triangle', tone: 'attention' },
  in_seat: { shape: 'dot', tone: 'accent' },
  break: { shape: 'clock', tone: 'plain' },
  meal: { shape: 'clock', tone: 'plain' },
  overnight: { shape: 'clock', tone: 'plain' },
  ill: { shape: 'triangle', tone: 'attention' },
  absent: { shape: 'cross', tone: 'danger' },
};
export const PRESENCES = Object.keys(PRESENCE) as Presence[];
