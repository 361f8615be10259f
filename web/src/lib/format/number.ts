/** A whole number with thin groups: `1,234,567`. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in binary units with three digits at the most. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : digits(value)} ${UNITS[unit]}`;
}

/** A short number for axes and tiles: `950`, `12.3k`, `4.5M`, `0.0012`. */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e12) return `${digits(value / 1e12)}T`;
  if (size >= 1e9) return `${digits(value / 1e9)}G`;
  if (size >= 1e6) return `${digits(value / 1e6)}M`;
  if (size >= 1e4) return `${digits(value / 1e3)}k`;
  if (Number.isInteger(value)) return String(value);
  if (size >= 1) return digits(value);
  return value === 0 ? '0' : Number(value.toPrecision(2)).toString();
}

/** A number of things a second. */
export function formatRate(perSecond: number): string {
  return `${formatShort(Math.round(perSecond * 10) / 10)}/s`;
}

/** `1 row`, `2 rows`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  const text = size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
