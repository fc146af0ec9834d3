// What a link looks like: one shape and one word.
import type { SeatLink } from '@/generated/window';
import type { Shape, Tone } from './ShapeMark.vue';

export const LINK: Record<SeatLink['state'], { shape: Shape; tone: Tone }> = {
  connected: { shape: 'dot', tone: 'plain' },
  lost: { shape: 'broken', tone: 'attention' },
  never: { shape: 'ring', tone: 'quiet' },
  unknown: { shape: 'dash', tone: 'quiet' },
};
