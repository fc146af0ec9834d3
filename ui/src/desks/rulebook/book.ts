// The rulebook that is written: its text, its file, what is said of it, and every step taken back.
import { asProblem, call } from '@/bridge/bridge';
import type { Problem, RulebookLook } from '@/generated/window';
import { deliberate } from '@/parts/deliberate';
import { computed, ref, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { History } from './history';
import { latest } from './latest';

export function useBook() {
  const { t } = useI18n();
  const begun = ref(false);
  const text = shallowRef('');
  /** The text as it was opened, saved or begun: nothing is lost where it stands. */
  const kept = shallowRef('');
  const path = ref('');
  /** The file that the text belongs to, and the digest of its bytes. */
  const file = ref<string | null>(null);
  const saved = ref<string | null>(null);
  const restored = ref(false);
  const look = shallowRef<RulebookLook | null>(null);
  const lookedAt = shallowRef<string | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const starting = ref(true);
  const steps = ref({ back: 0, again: 0 });
  const history = new History();
  let edits: Promise<unknown> = Promise.resolve();

  const unsaved = computed(() => begun.value && text.value !== kept.value);
  /** What is said is of the text as it stands. */
  const current = computed(() => lookedAt.value === text.value);

  const ask = latest(
    (wanted: string) => call('look_rulebook', { text: wanted }),
    (answer, wanted) => {
      look.value = answer;
      lookedAt.value = wanted;
    },
    (error) => (problem.value = asProblem(error)),
  );
  const keep = latest(
    (draft: { text: string; path: string | null; saved: string | null } | null) => call('keep_rulebook_draft', { draft }),
    () => undefined,
    (error) => (problem.value = asProblem(error)),
  );
  watch([text, begun], () => {
    if (begun.value) ask(text.value);
  });
  watch([text, kept], () => {
    if (begun.value) keep(unsaved.value ? { text: text.value, path: file.value, saved: saved.value } : null);
  });

  function put(next: string): void {
    text.value = next;
    steps.value = history.steps;
  }

  /** A step: the text after it. */
  function write(next: string, typing = false): void {
    if (next === text.value) return;
    history.record(text.value, performance.now(), typing);
    put(next);
  }

  /** A step that the Rust side makes of the text; one after another. A refusal goes to whoever asked. */
  function edit(work: (text: string) => Promise<string>): Promise<void> {
    const done = edits.then(async () => write(await work(text.value)));
    edits = done.catch(() => undefined);
    return done;
  }

  function undo(): void {
    const before = history.undo(text.value);
    if (before !== null) put(before);
  }
  function redo(): void {
    const after = history.redo(text.value);
    if (after !== null) put(after);
  }

  function begin(next: string, from: { path: string; digest: string } | null, keptText = next): void {
    history.clear();
    problem.value = null;
    restored.value = false;
    file.value = from?.path ?? null;
    saved.value = from?.digest ?? null;
    path.value = from?.path ?? '';
    kept.value = keptText;
    begun.value = true;
    put(next);
  }

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    problem.value = null;
    try {
      await work();
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  /** What would be lost is said first. */
  function instead(work: () => Promise<unknown>): void {
    if (!unsaved.value) void attempt(work);
    else deliberate({ title: t('rulebook.leave.title'), consequence: t('rulebook.leave.what'), action: t('rulebook.leave.do'), danger: true, run: work });
  }

  const preset = (name: string): void => instead(async () => begin(await call('rulebook_preset', { name }), null));
  const openFile = (from: string): void =>
    instead(async () => {
      const found = await call('open_rulebook', { path: from });
      begin(found.text, found);
    });
  async function chooseAndOpen(): Promise<void> {
    await attempt(async () => {
      const chosen = await call('choose_rulebook', { save: false });
      if (chosen !== null) openFile(chosen);
    });
  }

  async function saveTo(to: string): Promise<void> {
    const wanted = text.value;
    const over = to === file.value ? saved.value : null;
    const settle = (at: string, digest: string): void => {
      [file.value, saved.value, path.value, kept.value, restored.value] = [at, digest, at, wanted, false];
    };
    const done = await call('save_rulebook', { path: to, text: wanted, over });
    if (done.written) return settle(done.path, done.digest);
    deliberate({
      title: t('rulebook.over.title'),
      consequence: t('rulebook.over.what', { path: done.path }),
      action: t('rulebook.over.do'),
      danger: true,
      run: async () => {
        const again = await call('save_rulebook', { path: done.path, text: wanted, over: done.digest });
        if (again.written) settle(again.path, again.digest);
      },
    });
  }
  async function saveAs(): Promise<void> {
    await attempt(async () => {
      const chosen = await call('choose_rulebook', { save: true });
      if (chosen !== null) await saveTo(chosen);
    });
  }
  async function save(): Promise<void> {
    const to = path.value.trim();
    if (to === '') await saveAs();
    else await attempt(() => saveTo(to));
  }

  /** What was not saved when the window was closed comes back. */
  async function start(): Promise<void> {
    await attempt(async () => {
      const draft = await call('rulebook_draft', {});
      if (draft === null) return;
      begin(draft.text, draft.path === null ? null : { path: draft.path, digest: draft.saved ?? '' }, '');
      restored.value = true;
    });
    starting.value = false;
  }
  void start();

  return { begun, starting, text, path, file, unsaved, restored, look, current, problem, steps, write, edit, undo, redo, preset, openFile, chooseAndOpen, save, saveAs };
}

export type Book = ReturnType<typeof useBook>;
