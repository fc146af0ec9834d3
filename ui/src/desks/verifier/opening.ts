// The package that is verified: its paths, how long it takes, the report. Remembered through a reload of the window.
import { call } from '@/bridge/bridge';
import type { PackageReport } from '@/generated/window';
import { useAct } from '@/stores/act';
import { onScopeDispose, ref, shallowRef, watch } from 'vue';

const KEPT = 'conclave.verifier.paths';

function kept(): { path: string; anchors: string } {
  try {
    const known = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as { path?: string; anchors?: string };
    return { path: known.path ?? '', anchors: known.anchors ?? '' };
  } catch {
    return { path: '', anchors: '' };
  }
}

export function useOpening() {
  const before = kept();
  const path = ref(before.path);
  const anchors = ref(before.anchors);
  const report = shallowRef<PackageReport | null>(null);
  const seconds = ref(0);
  const { busy, problem, run } = useAct();
  const choosing = useAct();
  let timer = 0;

  watch([path, anchors], () => sessionStorage.setItem(KEPT, JSON.stringify({ path: path.value, anchors: anchors.value })));

  async function choose(purpose: 'package' | 'anchors'): Promise<void> {
    await choosing.run(async () => {
      const chosen = await call('choose_file', { purpose });
      if (chosen === null) return;
      if (purpose === 'package') path.value = chosen;
      else anchors.value = chosen;
    });
  }

  async function verify(): Promise<void> {
    seconds.value = 0;
    const started = performance.now();
    timer = window.setInterval(() => {
      seconds.value = Math.floor((performance.now() - started) / 1000);
    }, 1000);
    report.value = null;
    await run(async () => {
      report.value = await call('open_package', { path: path.value.trim(), anchors: anchors.value.trim() || null });
    });
    window.clearInterval(timer);
    location.hash = report.value === null ? '' : 'report';
  }

  function another(): void {
    report.value = null;
    location.hash = '';
  }

  onScopeDispose(() => window.clearInterval(timer));
  // A reload shows the report again.
  if (location.hash === '#report') void verify();
  return { path, anchors, report, seconds, busy, problem, choosing: choosing.problem, choose, verify, another };
}
