import type { SqlResult } from '$lib/api/types';
import type { ChartData } from '$lib/explore/chart';
import { objects } from '$lib/explore/objects';
import { MINUTES } from './query';

/** What a service had of requests in the last minutes. */
export type Traffic = {
  /** Requests of each minute, the oldest first; the minute that has just begun is left out. */
  minutes: number[];
  requests: number;
  errors: number;
};

export const NO_TRAFFIC: Traffic = { minutes: Array<number>(MINUTES).fill(0), requests: 0, errors: 0 };

const MINUTE = 60_000;

/** The rows of the traffic by service; a minute without a row is one without requests. */
export function trafficOf(result: SqlResult, now: number): Map<string, Traffic> {
  const present = Math.floor(now / MINUTE);
  const found = new Map<string, Traffic>();
  for (const row of objects(result)) {
    const service = String(row.service);
    const traffic = found.get(service) ?? { ...NO_TRAFFIC, minutes: [...NO_TRAFFIC.minutes] };
    found.set(service, traffic);
    const requests = Number(row.requests);
    traffic.requests += requests;
    traffic.errors += Number(row.errors);
    const place = MINUTES - (present - Math.floor(Date.parse(String(row.at)) / MINUTE));
    if (place >= 0 && place < MINUTES) traffic.minutes[place] = requests;
  }
  return found;
}

/** The requests of the last whole minute. */
export function latest({ minutes }: Traffic): number {
  return minutes[minutes.length - 1] ?? 0;
}

/** The rows of a split as two lines in percent: the release that is judged, and what served before it. */
export function splitData(result: SqlResult, number: number): ChartData {
  const rows = objects(result).map((row) => ({
    at: Date.parse(String(row.at)) / 1_000,
    side: String(row.side),
    percent: Number(row.error_percent),
  }));
  const x = [...new Set(rows.map(({ at }) => at))].sort((a, b) => a - b);
  const line = (side: string, label: string, colour: string) => {
    const values = new Map(rows.filter((row) => row.side === side).map((row) => [row.at, row.percent]));
    return { label, colour, values: x.map((at) => values.get(at) ?? null) };
  };
  return {
    xKind: 'time',
    x,
    categories: [],
    lines: [
      line('release', `release ${number}`, '--series-2'),
      line('before', 'the one before', '--series-1'),
    ],
    hidden: 0,
  };
}

/** What a split shows, in one sentence. */
export function describeSplit(result: SqlResult, number: number): string {
  const sums = { release: { answers: 0, errors: 0 }, before: { answers: 0, errors: 0 } };
  for (const row of objects(result)) {
    const side = sums[row.side === 'release' ? 'release' : 'before'];
    side.answers += Number(row.answers);
    side.errors += Number(row.errors);
  }
  const { release, before } = sums;
  return `Share of errors since the deployment began. Release ${number}: ${release.errors} of ${release.answers} answers. The one before: ${before.errors} of ${before.answers}.`;
}
