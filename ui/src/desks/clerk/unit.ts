// Name of a unit of money in the language of the window; the code itself where it has none.
import { useI18n } from 'vue-i18n';

export function useUnit(): (currency: string) => string {
  const { t, te } = useI18n();
  return (currency) => (te(`hall.currency.${currency}`) ? t(`hall.currency.${currency}`) : currency);
}
