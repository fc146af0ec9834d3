// The instances of the protocol in words, the same in the record and at the desks.
import { useI18n } from 'vue-i18n';

/** `scored/2` in words; an instance that this program does not know stays as it is. */
export function useStage(): (instance: string) => string {
  const { t, te } = useI18n();
  return (instance) => {
    const [kind = '', number = '1'] = instance.split('/');
    if (!te(`record.stages.${kind}`)) return instance;
    const name = t(`record.stages.${kind}`);
    return number === '1' ? name : t('record.stages.pass', { stage: name, number });
  };
}
