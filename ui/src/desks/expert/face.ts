// What a cell of a table shows: words, and at most one shape whose meaning is said in words too.

export interface Face {
  readonly text: string;
  /** A shape beside the text; empty: none. */
  readonly mark: string;
  /** What the shape means, for those who don't see it. */
  readonly means: string;
  readonly tone: 'plain' | 'pass' | 'fail' | 'open' | 'partly' | 'total';
  /** Room at the right of a number with fewer decimals than others, in widths of a digit. */
  readonly lacks: number;
  /** Shown when the pointer rests on it. */
  readonly title: string;
}

export const BLANK: Face = { text: '', mark: '', means: '', tone: 'plain', lacks: 0, title: '' };
