import type { Zone } from '$lib/state/preferences.svelte';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `2026-11-24 18:20:05.123`, in UTC or the browser's zone; 24-hour clock, milliseconds only where they are not zero. */
export function formatTime(value: string | number | Date, zone: Zone): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return String(value);
  const parts =
    zone === 'utc'
      ? [
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
        ]
      : [
          date.getFullYear(),
          date.getMonth() + 1,
          date.getDate(),
          date.getHours(),
          date.getMinutes(),
          date.getSeconds(),
        ];
  const [year, month, day, hour, minute, second] = parts.map((part) => String(part).padStart(2, '0'));
  const milliseconds = date.getMilliseconds();
  const fraction = milliseconds ? `.${String(milliseconds).padStart(3, '0')}` : '';
  return `${year}-${month}-${day} ${hour}:${minute}:${second}${fraction}`;
}

/** Only the clock, for rows that are all of today. */
export function formatClock(value: string | number | Date, zone: Zone): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return String(value);
  const whole = formatTime(date, zone).slice(11, 19);
  return `${whole}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `3 s ago`, `in 5 min`; two units at the most and never a false precision. */
export function formatAge(value: string | number | Date, now: number): string {
  const at = new Date(value).getTime();
  if (Number.isNaN(at)) return String(value);
  const distance = now - at;
  // Clocks of two machines differ a little; the last second is the present.
  if (Math.abs(distance) < SECOND) return 'just now';
  const text = formatDuration(Math.abs(distance));
  return distance < 0 ? `in ${text}` : `${text} ago`;
}

/** A length of time in ms, in words: `840 ms`, `3 s`, `2 min 5 s`, `3 h 12 min`, `4 d 2 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < SECOND) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10 * SECOND) return `${trim(milliseconds / SECOND)} s`;
  if (milliseconds < MINUTE) return `${Math.floor(milliseconds / SECOND)} s`;
  if (milliseconds < HOUR) return pair(milliseconds, MINUTE, 'min', SECOND, 's');
  if (milliseconds < DAY) return pair(milliseconds, HOUR, 'h', MINUTE, 'min');
  return pair(milliseconds, DAY, 'd', HOUR, 'h');
}

function pair(value: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const whole = Math.floor(value / large);
  const rest = Math.floor((value % large) / small);
  return rest > 0 && whole < 10 ? `${whole} ${largeUnit} ${rest} ${smallUnit}` : `${whole} ${largeUnit}`;
}

function trim(value: number): string {
  const text = (Math.floor(value * 10) / 10).toFixed(1);
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
