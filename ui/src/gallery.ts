// Shows one scene: gallery.html?scene=expert/sheet/huge&language=en&theme=dark&text=base
// `data-ready` on the root says that it stands still; without a scene the page lists what there is.
import { recordedBridge } from '@/bridge/recorded';
import { desks, faults } from '@/fixtures/coverage';
import { collect } from '@/fixtures/data';
import type { Scene } from '@/fixtures/scene';
import { settled } from '@/fixtures/settled';
import type { Language, TextSize, Theme } from '@/generated/window';
import { NEW_FOR } from '@/parts/fresh';
import { start } from '@/start';

const files = import.meta.glob<{ scenes: Scene[] }>('./fixtures/*.scenes.ts', { eager: true });
const scenes = Object.values(files).flatMap((file) => file.scenes);
const name = (scene: Scene): string => `${scene.window}/${scene.screen}/${scene.state}`;

const query = new URLSearchParams(location.search);
const wanted = scenes.find((scene) => name(scene) === query.get('scene'));

async function play(scene: Scene): Promise<void> {
  // Clocks stand still, so that a picture is the same whenever it is taken.
  window.setInterval = (() => 0) as unknown as typeof window.setInterval;
  NEW_FOR.milliseconds = 0;
  const data = new Set<string>();
  Object.assign(window, { conclaveData: data });
  // After the document is loaded: a fragment before that is a place to scroll to, and to give the focus.
  if (document.readyState !== 'complete') await new Promise((resolve) => window.addEventListener('load', resolve, { once: true }));
  history.replaceState(null, '', `#${scene.screen}`);
  const recorded = recordedBridge(scene, {
    language: (query.get('language') ?? 'zh-CN') as Language,
    theme: (query.get('theme') ?? 'light') as Theme,
    text: (query.get('text') ?? 'comfortable') as TextSize,
  });
  await start({
    ...recorded,
    call: async (command, args) => {
      const answer = await recorded.call(command, args);
      collect(answer, data);
      return answer;
    },
  });
  await settled();
  for (const one of scene.does ?? []) {
    const selector = typeof one === 'string' ? one : one.into;
    const target = document.querySelector<HTMLElement>(selector);
    if (!target) throw new Error(`the scene uses ${selector}, which is not there`);
    target.focus();
    if (typeof one === 'string') target.click();
    else {
      (target as HTMLInputElement).value = one.words;
      target.dispatchEvent(new Event('input', { bubbles: true }));
      await settled();
      if (one.submit) (target as HTMLInputElement).form?.requestSubmit();
    }
    await settled();
  }
  document.documentElement.dataset['ready'] = 'yes';
}

if (wanted) void play(wanted);
else {
  const list = document.createElement('pre');
  list.id = 'scenes';
  list.textContent = JSON.stringify({ scenes: scenes.map(name), faults: faults(scenes.map(name), desks) }, null, 1);
  document.body.append(list);
  document.documentElement.dataset['ready'] = 'yes';
}
