import { call, part } from './call';

export type Api = {
  service: string;
  title: string;
  version: string;
  operations: number;
  problems: string[];
  learned: number;
};
export type Severity = 'breaking' | 'warning' | 'info';
export type Change = { severity: Severity; rule: string; operation: string; place: string; text: string };
export type Changes = { from?: string | null; to?: string | null; breaking: number; changes: Change[] };
export type Learned = {
  document: unknown;
  endpoints: {
    method: string;
    path: string;
    count: number;
    first: string;
    last: string;
    statuses: unknown;
  }[];
};
export type OpenApiDocument = Record<string, unknown>;

export const portal = {
  list: async () => (await call<{ apis: Api[] }>('GET', '/v1/apis')).apis,
  document: (service: string) => call<OpenApiDocument>('GET', `/v1/apis/${part(service)}/openapi.json`),
  changes: (service: string) => call<Changes>('GET', `/v1/apis/${part(service)}/changes`),
  learned: (service: string) => call<Learned>('GET', `/v1/apis/${part(service)}/learned`),
  diff: (before: string, after: string) =>
    call<Changes>('POST', '/v1/apis/diff', { old: before, new: after }),
};
