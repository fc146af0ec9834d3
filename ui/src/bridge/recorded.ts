import type { Scene } from '@/fixtures/scene';
import type { Preferences, Problem } from '@/generated/window';
import type { Bridge } from './bridge';

function isFailure(reply: unknown): reply is { fails: Problem } {
  return typeof reply === 'object' && reply !== null && 'fails' in reply;
}

/** A bridge that answers from a scene. */
export function recordedBridge(scene: Scene, preferences: Preferences): Bridge {
  const defaults: Record<string, unknown> = {
    about: { version: '0.1.0', build: 'default', booth: true },
    preferences,
    set_preferences: preferences,
  };
  return {
    label: scene.window,
    call: (name, args) =>
      new Promise((resolve, reject) => {
        const found = (scene.replies as Record<string, unknown>)[name] ?? defaults[name] ?? 'silence';
        const reply = typeof found === 'function' ? (found as (a: unknown) => unknown)(args) : found;
        if (reply === 'silence') return;
        if (isFailure(reply)) reject(reply.fails);
        else resolve(reply as never);
      }),
    onChange: () => Promise.resolve(() => undefined),
    pageUrl: (document, page) => `/pages/${document}/${page}.png`,
  };
}
