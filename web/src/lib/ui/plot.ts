import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartData, ChartKind } from '$lib/explore/chart';
import { xRange, yRange } from '$lib/explore/range';
import { formatShort } from '$lib/format/number';
import { formatTime } from '$lib/format/time';
import type { Zone } from '$lib/state/preferences.svelte';
import { WHOLE_STEPS } from './axis';
import { colourOf, stacked } from './stack';

export type Drawing = { setData(data: ChartData): void; destroy(): void };

/**
 * `stack` puts the lines upon each other as areas, the last at the bottom; a value holds until the next. `stacked-bars` does the same
 * with bars.
 */
export type DrawKind = ChartKind | 'stack' | 'stacked-bars';

type Options = {
  kind: DrawKind;
  width: number;
  height: number;
  zone: Zone;
  format: (value: number) => string;
  /** Whether the values are counts: their axis has whole numbers only. */
  whole: boolean;
  /** The place under the pointer, or null. */
  onhover: (index: number | null) => void;
};

const MINUTE = 60;
const DAY = 86_400;

/** Draws a chart into an element and keeps it as wide as the element's parent. */
export function draw(host: HTMLElement, first: ChartData, options: Options): Drawing {
  let data = first;
  const colour = (name: string) => getComputedStyle(host).getPropertyValue(name).trim();
  const axis = { stroke: colour('--muted'), font: '11px Inter Variable, sans-serif', ticks: { show: false } };
  const grid = { stroke: colour('--line'), width: 1 };
  const plot = new uPlot(
    {
      width: options.width,
      height: options.height,
      legend: { show: false },
      cursor: { points: { size: 6 }, drag: { x: false, y: false } },
      tzDate: (seconds) =>
        options.zone === 'utc' ? uPlot.tzDate(new Date(seconds * 1_000), 'UTC') : new Date(seconds * 1_000),
      scales: {
        x: {
          time: data.xKind === 'time',
          range: (_, low, high) => xRange(data, low, high, isBars(options.kind)),
        },
        y: { range: (_, low, high) => yRange(low, high) },
      },
      axes: [
        {
          ...axis,
          size: 28,
          grid: { show: false },
          ...(data.xKind === 'category'
            ? {
                incrs: [1, 2, 5, 10, 20, 50],
                values: (_: uPlot, places: number[]) => places.map((at) => category(data, at)),
              }
            : {}),
          ...(data.xKind === 'number'
            ? { values: (_: uPlot, values: number[]) => values.map(formatShort) }
            : {}),
          ...(data.xKind === 'time'
            ? { space: 84, values: (u: uPlot, values: number[]) => timeLabels(u, values, options.zone) }
            : {}),
        },
        {
          ...axis,
          grid,
          size: 56,
          ...(options.whole ? { incrs: WHOLE_STEPS } : {}),
          values: (_, values) => values.map((value) => options.format(value)),
        },
      ],
      series: [
        {},
        ...data.lines.map((line, i) => series(line.label, colour(colourOf(line, i)), i, options.kind)),
      ],
      hooks: {
        setCursor: [(u) => options.onhover(u.cursor.idx ?? null)],
        draw: [(u) => drawMarks(u, data.marks ?? [], colour('--text'))],
      },
    },
    aligned(data, options.kind),
    host,
  );
  const box = host.parentElement ?? host;
  const observer = new ResizeObserver(() => {
    if (box.clientWidth > 0 && box.clientWidth !== plot.width)
      plot.setSize({ width: box.clientWidth, height: options.height });
  });
  observer.observe(box);
  return {
    setData(next) {
      if (next === data) return;
      data = next;
      plot.setData(aligned(next, options.kind));
    },
    destroy() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

function isBars(kind: DrawKind): boolean {
  return kind === 'bar' || kind === 'stacked-bars';
}

function series(label: string, stroke: string, index: number, kind: DrawKind): uPlot.Series {
  const base: uPlot.Series = { label, stroke, width: 1.5, spanGaps: true };
  if (kind === 'stack') {
    return {
      ...base,
      width: 0,
      fill: stroke,
      paths: uPlot.paths.stepped!({ align: 1 }),
      points: { show: false },
    };
  }
  // Beyond six lines the colours come again, so those lines are dashed.
  if (index >= 6) base.dash = [5, 3];
  if (isBars(kind)) {
    return { ...base, fill: stroke, paths: uPlot.paths.bars!({ size: [0.6, 64] }), points: { show: false } };
  }
  if (kind === 'points') return { ...base, paths: () => null, points: { show: true, size: 5, fill: stroke } };
  // A dot for each value helps where there are few, and only blurs the line where there are many.
  return { ...base, points: { show: (plot, at) => countOf(plot.data[at]) <= 24, size: 5 } };
}

function countOf(values: ArrayLike<number | null | undefined> | undefined): number {
  return Array.from(values ?? []).filter((value) => value != null).length;
}

function aligned(data: ChartData, kind: DrawKind): uPlot.AlignedData {
  const upon = kind === 'stack' || kind === 'stacked-bars';
  const lines = upon ? stacked(data.lines) : data.lines;
  return [data.x, ...lines.map((line) => line.values)] as uPlot.AlignedData;
}

/** Draws a numbered line from top to bottom at each mark that is inside of what is shown. */
function drawMarks(plot: uPlot, marks: number[], stroke: string) {
  const { left, top, width, height } = plot.bbox;
  const scale = devicePixelRatio;
  const context = plot.ctx;
  context.save();
  context.strokeStyle = stroke;
  context.fillStyle = stroke;
  context.lineWidth = scale;
  context.font = `${11 * scale}px Inter Variable, sans-serif`;
  context.setLineDash([4 * scale, 3 * scale]);
  marks.forEach((mark, i) => {
    const at = plot.valToPos(mark, 'x', true);
    if (at < left || at > left + width) return;
    context.beginPath();
    context.moveTo(at, top);
    context.lineTo(at, top + height);
    context.stroke();
    // The number stands on the side on which there is room.
    const before = at > left + width / 2;
    context.textAlign = before ? 'right' : 'left';
    context.fillText(String(i + 1), at + (before ? -4 : 4) * scale, top + 10 * scale);
  });
  context.restore();
}

function category(data: ChartData, at: number): string {
  const name = Number.isInteger(at) ? data.categories[at] : undefined;
  return name === undefined ? '' : name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

function timeLabels(plot: uPlot, values: number[], zone: Zone): string[] {
  const span = (plot.scales.x!.max ?? 0) - (plot.scales.x!.min ?? 0);
  let lastDay = '';
  return values.map((value) => {
    const text = formatTime(value * 1_000, zone);
    const day = text.slice(5, 10);
    const clock = span < 10 * MINUTE ? text.slice(11, 19) : text.slice(11, 16);
    const label = span > 6 * DAY ? day : day !== lastDay && lastDay !== '' ? day : clock;
    lastDay = day;
    return label;
  });
}
