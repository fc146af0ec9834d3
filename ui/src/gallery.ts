// Shows one scene: gallery.html?scene=expert/sheet/huge&language=en&theme=dark&text=base
import { recordedBridge } from '@/bridge/recorded';
import type { Scene } from '@/fixtures/scene';
import type { Language, TextSize, Theme } from '@/generated/window';
import { start } from '@/start';

const files = import.meta.glob<{ scenes: Scene[] }>('./fixtures/*.scenes.ts', { eager: true });
const scenes = Object.values(files).flatMap((file) => file.scenes);
const name = (scene: Scene): string => `${scene.window}/${scene.screen}/${scene.state}`;

const query = new URLSearchParams(location.search);
const wanted = scenes.find((scene) => name(scene) === query.get('scene'));
if (wanted) {
  location.hash = wanted.screen;
  void start(
    recordedBridge(wanted, {
      language: (query.get('language') ?? 'zh-CN') as Language,
      theme: (query.get('theme') ?? 'light') as Theme,
      text: (query.get('text') ?? 'comfortable') as TextSize,
    }),
  );
} else {
  const list = document.createElement('pre');
  list.id = 'scenes';
  list.textContent = scenes.map(name).join('\n');
  document.body.append(list);
}
