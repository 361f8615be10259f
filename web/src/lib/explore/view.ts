import type { ChartChoice, ChartKind } from './chart';
import type { Sort } from './sort';

/** Everything that a link to Explore carries. */
export type ExploreView = {
  query: string;
  limit: number;
  /** Whether the result shows as a table or as a chart; null leaves the choice to the result. */
  show: 'table' | 'chart' | null;
  /** A chart that somebody chose by hand; null leaves it to the result. */
  chart: ChartChoice | null;
  sort: Sort | null;
  /** The saved query that it came from. */
  saved: string | null;
};

export const LIMITS = [100, 1_000, 10_000, 100_000];
export const DEFAULT_LIMIT = 1_000;
const KINDS: ChartKind[] = ['line', 'bar', 'points'];

/** An empty view, with what is given. */
export function exploreView(part: Partial<ExploreView> = {}): ExploreView {
  return { query: '', limit: DEFAULT_LIMIT, show: null, chart: null, sort: null, saved: null, ...part };
}

/** Reads a view from a URL's parameters; what it does not understand falls back to the default. */
export function readView(parameters: URLSearchParams): ExploreView {
  const limit = Number(parameters.get('limit'));
  const show = parameters.get('show');
  return {
    query: parameters.get('q') ?? '',
    limit: LIMITS.includes(limit) ? limit : DEFAULT_LIMIT,
    show: show === 'table' || show === 'chart' ? show : null,
    chart: readChart(parameters),
    sort: readSort(parameters.get('sort')),
    saved: parameters.get('saved'),
  };
}

/** Writes a view as parameters, leaving out what is the default, in a fixed order so that equal views have equal links. */
export function writeView(view: ExploreView): URLSearchParams {
  const parameters = new URLSearchParams();
  if (view.query) parameters.set('q', view.query);
  if (view.limit !== DEFAULT_LIMIT) parameters.set('limit', String(view.limit));
  if (view.saved) parameters.set('saved', view.saved);
  if (view.show) parameters.set('show', view.show);
  if (view.chart) {
    parameters.set('chart', view.chart.kind);
    parameters.set('x', view.chart.x);
    for (const y of view.chart.y) parameters.append('y', y);
    if (view.chart.series) parameters.set('series', view.chart.series);
  }
  if (view.sort) parameters.set('sort', `${view.sort.column}:${view.sort.descending ? 'desc' : 'asc'}`);
  return parameters;
}

/** The link to a view. */
export function exploreLink(part: Partial<ExploreView>): string {
  const parameters = writeView(exploreView(part)).toString();
  return parameters ? `/explore?${parameters}` : '/explore';
}

/** Reads the chart that a saved query carries; anything else counts as none. */
export function chartFrom(value: unknown): ChartChoice | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, x, y, series } = value as Record<string, unknown>;
  if (!KINDS.includes(kind as ChartKind) || typeof x !== 'string' || !Array.isArray(y)) return null;
  const names = y.filter((name) => typeof name === 'string');
  if (names.length === 0) return null;
  return { kind: kind as ChartKind, x, y: names, series: typeof series === 'string' ? series : null };
}

function readChart(parameters: URLSearchParams): ChartChoice | null {
  return chartFrom({
    kind: parameters.get('chart'),
    x: parameters.get('x'),
    y: parameters.getAll('y'),
    series: parameters.get('series'),
  });
}

function readSort(value: string | null): Sort | null {
  const match = /^(.+):(asc|desc)$/s.exec(value ?? '');
  return match ? { column: match[1]!, descending: match[2] === 'desc' } : null;
}
