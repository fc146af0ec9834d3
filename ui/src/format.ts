// Times in the centre's zone, ISO order. Numbers come as decimal text and are never computed with here.
function parts(millis: number, zone: number): Date {
  return new Date(millis + zone * 60_000);
}
const two = (n: number): string => String(n).padStart(2, '0');

/** 2026-11-24 14:03:22 */
export function dateTime(millis: number, zone: number): string {
  const d = parts(millis, zone);
  return `${date(millis, zone)} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** 2026-11-24 */
export function date(millis: number, zone: number): string {
  const d = parts(millis, zone);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}

/** 14:03:22 */
export function clock(millis: number, zone: number): string {
  return dateTime(millis, zone).slice(11);
}

/** 5862292.00 -> 5,862,292.00 */
export function money(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Bytes for people. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(0)} KiB`;
  return `${(size / 1024 / 1024).toFixed(1)} MiB`;
}
