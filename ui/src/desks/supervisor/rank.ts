// What a rank looks like: one shape and one word.
import type { Rank } from '@/generated/window';
import type { Shape, Tone } from '@/parts/duty/ShapeMark.vue';

export const RANK: Record<Rank, { shape: Shape; tone: Tone }> = {
  danger: { shape: 'diamond', tone: 'danger' },
  attention: { shape: 'triangle', tone: 'attention' },
  note: { shape: 'note', tone: 'quiet' },
};
