// Questions that follow one another quickly: one at a time, only the newest waits, an answer to an older one is dropped.

/** Asks with the newest input; `told` hears an answer, or a failure, only where nothing newer was asked meanwhile. */
export function latest<Input, Answer>(ask: (input: Input) => Promise<Answer>, told: (answer: Answer, input: Input) => void, failed: (error: unknown) => void): (input: Input) => void {
  let waiting: { input: Input } | null = null;
  let busy = false;
  async function go(): Promise<void> {
    busy = true;
    while (waiting) {
      const { input } = waiting;
      waiting = null;
      try {
        const answer = await ask(input);
        if (waiting === null) told(answer, input);
      } catch (error) {
        if (waiting === null) failed(error);
      }
    }
    busy = false;
  }
  return (input) => {
    waiting = { input };
    if (!busy) void go();
  };
}
