import { call, part } from './call';

export type Route = {
  name: string;
  file: string;
  hosts: string[];
  path: string;
  methods: string[];
  auth: string;
  plan: string | null;
  contract: string | null;
  upstreams: { name: string; weight: number }[];
  mirror: string | null;
  requests: number;
  errors: number;
  refused: number;
  p50_us: number | null;
  p99_us: number | null;
};
export type TargetState = 'healthy' | 'unhealthy' | 'open' | 'unknown';
export type Target = {
  url: string;
  weight: number;
  release: string | null;
  state: TargetState;
  in_flight: number;
};
export type Upstream = { name: string; file: string; targets: Target[] };
export type Plan = {
  name: string;
  rate: number | null;
  burst: number | null;
  per_day: number | null;
  per_month: number | null;
};
export type GatewayProblem = { file: string; line: number | null; text: string };
export type Gateway = {
  listeners: string[];
  generation: number;
  routes: Route[];
  upstreams: Upstream[];
  plans: Plan[];
  problems: GatewayProblem[];
};
export type KeyUsage = {
  key: string;
  name: string;
  plan: string;
  today: number;
  month: number;
  limit_day: number | null;
  limit_month: number | null;
};
export type Weights = Record<string, number>;

export type HeaderLine = { name: string; value: string };
export type Trial = {
  method: string;
  path: string;
  host?: string;
  headers: HeaderLine[];
  body: string;
};
export type Tried = {
  status: number;
  headers: HeaderLine[];
  body: string;
  too_long: boolean;
  elapsed_ms: number;
};

export const gateway = {
  /** Sends a request through the gateway and hands back whatever it answered. */
  tryRequest: (trial: Trial) => call<Tried>('POST', '/v1/gateway/try', trial),
  read: () => call<Gateway>('GET', '/v1/gateway'),
  usage: async () => (await call<{ keys: KeyUsage[] }>('GET', '/v1/gateway/usage')).keys,
  setWeights: (upstream: string, weights: Weights) =>
    call<void>('PUT', `/v1/gateway/upstreams/${part(upstream)}/weights`, { weights }),
  setSplit: (route: string, split: Weights) =>
    call<void>('PUT', `/v1/gateway/routes/${part(route)}/split`, split),
};
