// The one way to the Rust side. Windows ask, and are told that something changed; they decide nothing.
import type { Commands, Problem } from '@/generated/window';

export type CommandName = keyof Commands;
export type Arguments<K extends CommandName> = Commands[K]['arguments'];
export type Answer<K extends CommandName> = Commands[K]['answer'];

/** What the Rust side can do for a window. */
export interface Bridge {
  /** Label of this window: entry, expert, clerk, hall, … */
  readonly label: string;
  /** Calls a command; rejects with a `Problem`. */
  call<K extends CommandName>(name: K, args: Arguments<K>): Promise<Answer<K>>;
  /** Tells whenever read models of this seat changed. Returns how to stop listening. */
  onChange(listener: () => void): Promise<() => void>;
  /** Address of the picture of a page, `width` in device pixels. */
  pageUrl(document: string, page: number, width: number): string;
}

let current: Bridge | null = null;

export function install(bridge: Bridge): void {
  current = bridge;
}

export function bridge(): Bridge {
  if (!current) throw new Error('no bridge is installed');
  return current;
}

export function call<K extends CommandName>(name: K, args: Arguments<K>): Promise<Answer<K>> {
  return bridge().call(name, args);
}

/** What a rejected call carries; anything else is a fault of this program, told as such. */
export function asProblem(error: unknown): Problem {
  if (typeof error === 'object' && error !== null && 'code' in error && 'what' in error) {
    return error as Problem;
  }
  return {
    code: 'D-901',
    what: { zh: '界面出现内部错误。', en: 'The window met an internal error.' },
    safe: { zh: '已写入的评分、理由与已提交的内容不受影响。', en: 'What you wrote and submitted is safe.' },
    next: { zh: '请重试；仍然出现时请将代码告知技术值守。', en: 'Try again; if it stays, tell the technician this code.' },
  };
}
