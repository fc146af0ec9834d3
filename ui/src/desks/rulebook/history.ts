// What was written before, so that every step can be taken back; bounded, and quick typing counts as one step.
const MOST_STEPS = 200;
const MOST_CHARACTERS = 8_000_000;
/** Typing without a pause this long is one step. */
const PAUSE = 1000;

export class History {
  private past: string[] = [];
  private future: string[] = [];
  private typedAt: number | null = null;

  /** A step from `before`; typing that goes on does not begin a new one. */
  record(before: string, now: number, typing: boolean): void {
    const goesOn = typing && this.typedAt !== null && now - this.typedAt < PAUSE && this.future.length === 0 && this.past.length > 0;
    this.typedAt = typing ? now : null;
    this.future = [];
    if (goesOn) return;
    this.past.push(before);
    let held = this.past.reduce((sum, text) => sum + text.length, 0);
    while (this.past.length > MOST_STEPS || (held > MOST_CHARACTERS && this.past.length > 1)) held -= this.past.shift()?.length ?? 0;
  }

  /** The text before the last step; `null` where there is none. */
  undo(now: string): string | null {
    const before = this.past.pop();
    if (before === undefined) return null;
    this.future.push(now);
    this.typedAt = null;
    return before;
  }

  /** The step that was taken back, taken again. */
  redo(now: string): string | null {
    const after = this.future.pop();
    if (after === undefined) return null;
    this.past.push(now);
    this.typedAt = null;
    return after;
  }

  get steps(): { readonly back: number; readonly again: number } {
    return { back: this.past.length, again: this.future.length };
  }

  clear(): void {
    this.past = [];
    this.future = [];
    this.typedAt = null;
  }
}
