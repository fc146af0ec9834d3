// The four acts of an observer, what each asks for, and the command that does it.
import { call } from '@/bridge/bridge';

export type ActKind = 'warn' | 'mark' | 'pause' | 'resume';

export interface Given {
  readonly line: string | null;
  readonly phrase: string;
  readonly text: string;
  readonly pin: string;
}

export const ACTS: Record<ActKind, { pin: boolean; target: boolean; danger: boolean; run(given: Given): Promise<unknown> }> = {
  warn: { pin: false, target: true, danger: false, run: ({ line, phrase, text }) => call('warn', { line, phrase, reason: text }) },
  mark: { pin: false, target: true, danger: false, run: ({ line, text }) => call('mark', { line, note: text }) },
  pause: { pin: true, target: false, danger: true, run: ({ text, pin }) => call('pause', { reason: text, pin }) },
  resume: { pin: true, target: false, danger: false, run: ({ text, pin }) => call('resume', { reason: text, pin }) },
};
