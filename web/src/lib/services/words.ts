import type { Deployment, Instance, Service } from '$lib/api/services';

type Status = 'ok' | 'warn' | 'fail' | 'blind';
type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'danger';

const HEALTH: Record<string, { status: Status; text: string }> = {
  serving: { status: 'ok', text: 'Serving' },
  starting: { status: 'warn', text: 'Starting' },
  down: { status: 'fail', text: 'Down' },
  none: { status: 'blind', text: 'Nothing serves' },
};

/** The shape, colour and word of a service's health; what is not known here is not taken for well. */
export function healthOf(service: Pick<Service, 'health'>): { status: Status; text: string } {
  return HEALTH[service.health] ?? { status: 'blind', text: service.health };
}

const STATES: Record<string, { text: string; tone: Tone }> = {
  queued: { text: 'queued', tone: 'plain' },
  fetching: { text: 'fetching', tone: 'accent' },
  starting: { text: 'starting', tone: 'accent' },
  canary: { text: 'canary', tone: 'accent' },
  baking: { text: 'baking', tone: 'accent' },
  held: { text: 'held', tone: 'warn' },
  rolling_back: { text: 'rolling back', tone: 'danger' },
  settled: { text: 'settled', tone: 'ok' },
  rolled_back: { text: 'rolled back', tone: 'danger' },
  failed: { text: 'failed', tone: 'danger' },
  superseded: { text: 'superseded', tone: 'plain' },
  aborted: { text: 'aborted', tone: 'plain' },
};

/** The state of a deployment as people say it, and its colour. */
export function stateOf(deployment: Pick<Deployment, 'state'>): { text: string; tone: Tone } {
  return STATES[deployment.state] ?? { text: deployment.state, tone: 'plain' };
}

const INSTANCES: Record<string, Tone> = {
  starting: 'accent',
  ready: 'ok',
  parked: 'plain',
  leaving: 'warn',
  ended: 'danger',
};

export function toneOfInstance(instance: Pick<Instance, 'state'>): Tone {
  return INSTANCES[instance.state] ?? 'plain';
}

/** What a deployment is for, in a few words. */
export function kindOf({ kind, number }: Pick<Deployment, 'kind' | 'number'>): string {
  if (kind === 'rollback') return `back to release ${number}`;
  return kind === 'promotion' ? `release ${number} again` : `release ${number}`;
}

/** What may be done with a deployment as it is now. */
export function choices({ state }: Pick<Deployment, 'state'>): {
  hold: boolean;
  resume: boolean;
  skip: boolean;
} {
  const judged = state === 'canary' || state === 'baking';
  return { hold: judged, resume: state === 'held', skip: judged || state === 'held' };
}

/** The deployment that took requests away from a release, where that was the last thing that happened: it can be undone. */
export function undoable(service: Service, deployments: Deployment[]): Deployment | null {
  const last = deployments[0];
  if (!last || service.deployment || service.health === 'none') return null;
  const wentBack = last.kind === 'rollback' && last.state === 'settled';
  return wentBack || last.state === 'rolled_back' ? last : null;
}

/** The number of the release that the undoing serves again; none where the server knows it better. */
export function undoneNumber(last: Deployment): number | undefined {
  return last.state === 'rolled_back' && last.kind === 'release' ? last.number : undefined;
}

/** What is to be said of the last deployment, where it did not end as it was meant to, or ended another one. */
export function outcomeOf(
  service: Service,
  deployments: Deployment[],
): { kind: 'problem' | 'back'; title: string; text: string } | null {
  const last = deployments[0];
  if (!last || service.deployment) return null;
  const { number, reason: text } = last;
  if (last.state === 'failed')
    return { kind: 'problem', title: `Release ${number} did not start, and got no request`, text };
  if (last.state === 'rolled_back')
    return { kind: 'problem', title: `Release ${number} was taken back`, text };
  if (last.kind === 'rollback' && last.state === 'settled')
    return { kind: 'back', title: `Went back to release ${number}`, text };
  return null;
}

/** How many instances take requests, of how many there are. */
export function instancesText(instances: Pick<Instance, 'state'>[]): string {
  if (instances.length === 0) return 'none';
  const ready = instances.filter(({ state }) => state === 'ready').length;
  const parked = instances.filter(({ state }) => state === 'parked').length;
  const rest = instances.length - ready - parked;
  const parts = [`${ready} ready`];
  if (parked > 0) parts.push(`${parked} parked`);
  if (rest > 0) parts.push(`${rest} on the way`);
  return parts.join(', ');
}

/** What a service needs for the platform to run it. */
export const FIRST_SERVICE = `name = "shop"

[run]
# It listens at $PORT.
cmd = "node serve.mjs"

[health]
path = "/healthz"

[route]
path = "/shop"
`;
