import type { System } from '$lib/api/types';

/** One reading of the system's counters. */
export type Sample = { at: number; system: System };

/** Readings kept: five minutes, one each two seconds. */
export const KEPT = 150;

/** Adds a reading; a restart of the server, which sets counters back, begins anew. */
export function addSample(samples: Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && last.system.started !== sample.system.started) return [sample];
  return [...samples, sample].slice(-KEPT);
}

/** The growth of a counter a second between neighbouring readings, at the time of the later one. */
export function rates(
  samples: Sample[],
  counter: (system: System) => number,
): { at: number; value: number }[] {
  const points: { at: number; value: number }[] = [];
  for (let i = 1; i < samples.length; i += 1) {
    const [before, after] = [samples[i - 1]!, samples[i]!];
    const seconds = (after.at - before.at) / 1_000;
    if (seconds <= 0) continue;
    const growth = Math.max(0, counter(after.system) - counter(before.system));
    points.push({ at: after.at / 1_000, value: growth / seconds });
  }
  return points;
}

/** Everything accepted by any protocol. */
export function accepted(system: System): number {
  return Object.values(system.ingest.accepted_total).reduce((sum, count) => sum + count, 0);
}

/** Everything refused for any reason. */
export function refused(system: System): number {
  return Object.values(system.ingest.refused_total).reduce((sum, count) => sum + count, 0);
}
