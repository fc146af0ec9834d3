// Moments beside each other: absolute in the centre's zone, relative only beside it.
import { clock, date } from '@/format';
import { useStatus } from '@/stores/status';
import { onScopeDispose, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';

const TICK = 10_000;

/** Words for moments of the centre, renewed while the screen lives. */
export function useSince() {
  const { t } = useI18n();
  const store = useStatus();
  const now = ref<number | null>(null);
  let base: { centre: number; at: number } | null = null;

  const renew = (): void => {
    now.value = base ? base.centre + (performance.now() - base.at) : null;
  };
  watch(
    () => store.status?.clock.centre,
    (centre) => {
      base = centre === undefined ? null : { centre, at: performance.now() };
      renew();
    },
    { immediate: true },
  );
  const timer = setInterval(renew, TICK);
  onScopeDispose(() => clearInterval(timer));

  /** `14:03:22`, with the day where it is another one. */
  function at(millis: number): string {
    const same = now.value !== null && date(now.value, store.zone) === date(millis, store.zone);
    return same ? clock(millis, store.zone) : `${date(millis, store.zone)} ${clock(millis, store.zone)}`;
  }
  /** `3 minutes ago`; empty while the centre's time is not known. */
  function ago(millis: number): string {
    if (now.value === null) return '';
    const minutes = Math.floor((now.value - millis) / 60_000);
    if (minutes < 1) return t('duties.ago_now');
    if (minutes < 60) return t('duties.ago_minutes', { n: minutes });
    if (minutes < 60 * 24) return t('duties.ago_hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
    const days = Math.floor(minutes / 60 / 24);
    return t('duties.ago_days', { n: days }, days);
  }
  return { at, ago };
}
