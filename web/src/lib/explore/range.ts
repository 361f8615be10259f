import type { ChartData } from './chart';

const MINUTE = 60;

/** A single place gets room on both sides; the library would give a single time an axis of years. Bars get room for half of one. */
export function xRange(
  data: ChartData,
  low: number | null,
  high: number | null,
  bars = false,
): [number, number] {
  if (data.xKind === 'category') return [-0.6, data.categories.length - 0.4];
  const [only] = data.x;
  if (data.x.length === 1 && only !== undefined) {
    const room = data.xKind === 'time' ? MINUTE : 1;
    return [only - room, only + room];
  }
  if (low === null || high === null) return [0, 1];
  const half = bars ? (high - low) / Math.max(1, data.x.length - 1) / 2 : 0;
  return [low - half, high + half];
}

/** Begins at zero unless values are negative, and leaves room at the top. */
export function yRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const bottom = Math.min(0, low);
  const top = Math.max(0, high);
  if (bottom === top) return [0, 1];
  const room = (top - bottom) * 0.06;
  return [bottom === 0 ? 0 : bottom - room, top === 0 ? 0 : top + room];
}
