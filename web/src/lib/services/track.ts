import type { Deployment } from '$lib/api/services';

/** What a release goes through, as its `service.toml` says. */
export type Plan = { steps: { percent: number; pause: string }[]; bake: string };
export type Station = { text: string; about: string; at: 'behind' | 'here' | 'ahead' };

/** The plan of a `service.toml` that says nothing about it, as `crates/project` has it. */
const USUAL: Plan = {
  steps: [
    { percent: 5, pause: '2m' },
    { percent: 25, pause: '5m' },
  ],
  bake: '30m',
};
/** The least share that a release has while it bakes. */
const BAKING = 90;

/** Reads the plan of a release from its `service.toml`. */
export function planOf(toml: string): Plan {
  const deploy = section(toml, 'deploy');
  const bake = /^\s*bake\s*=\s*"([^"]*)"/m.exec(deploy)?.[1] ?? USUAL.bake;
  const strategy = /^\s*strategy\s*=\s*"([^"]*)"/m.exec(deploy)?.[1] ?? 'canary';
  // What has no route gets no requests that could be shared.
  const routed = /^\s*path\s*=/m.test(section(toml, 'route'));
  if (strategy !== 'canary' || !routed) return { steps: [], bake };
  const listed = /^\s*steps\s*=\s*\[([^\]]*)\]/m.exec(deploy)?.[1];
  const steps = [...(listed ?? '').matchAll(/"(\d+)%\s*([^"]*)"/g)].map(([, percent, pause]) => ({
    percent: Number(percent),
    pause: pause!.trim(),
  }));
  return { steps: steps.length > 0 ? steps : USUAL.steps, bake };
}

/** The stations of a deployment with where it is; without a plan only those that it is known to have. */
export function track(deployment: Deployment, plan: Plan | null): Station[] {
  const steps = stepsOf(deployment, plan);
  const bakes = deployment.kind === 'release';
  const last = steps[steps.length - 1]?.percent;
  const baking = last === undefined ? 100 : Math.max(BAKING, last);
  const stations = [
    { text: 'Files', about: 'brought' },
    { text: 'Start', about: 'until it is well' },
    ...steps.map(({ percent, pause }) => ({ text: `${percent}%`, about: pause ? `for ${pause}` : 'canary' })),
    ...(bakes ? [{ text: `${baking}%`, about: plan?.bake ? `bakes for ${plan.bake}` : 'bakes' }] : []),
    { text: '100%', about: 'serves' },
  ];
  const here = Math.min(place(deployment, steps.length), stations.length - 1);
  return stations.map((station, at) => ({
    ...station,
    at: at < here ? 'behind' : at === here ? 'here' : 'ahead',
  }));
}

function stepsOf({ kind, step, percent }: Deployment, plan: Plan | null): Plan['steps'] {
  if (kind !== 'release') return [];
  const known = plan?.steps ?? [];
  // A plan that could not be read, or is another one, still has the step that it is at.
  if (step <= known.length) return known;
  return [{ percent, pause: '' }];
}

function place({ state, step }: Deployment, steps: number): number {
  if (state === 'queued') return -1;
  if (state === 'fetching') return 0;
  if (state === 'starting') return 1;
  if (state === 'settled') return Infinity;
  // What is held, or taken back, stands where it was.
  return step > 0 ? 1 + Math.min(step, steps) : 2 + steps;
}

/** The lines of a section of a TOML file, up to the next one, without comments. */
function section(toml: string, name: string): string {
  const lines = toml.split('\n').map((line) => line.replace(/#.*$/, ''));
  const from = lines.findIndex((line) => line.trim() === `[${name}]`);
  if (from < 0) return '';
  const to = lines.findIndex((line, at) => at > from && /^\s*\[[a-z.]+\]\s*$/.test(line));
  return lines.slice(from + 1, to < 0 ? undefined : to).join('\n');
}
