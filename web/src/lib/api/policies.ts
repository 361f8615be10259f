import { call } from './call';

export type Policy = {
  id: string;
  file: string;
  text: string;
  annotations: Record<string, string>;
  built_in: boolean;
};
export type Action = { name: string; resource: string; role: string; meaning: string };
export type Policies = {
  policies: Policy[];
  schema: string;
  actions: Action[];
  problems: { file: string; text: string }[];
};
export type Question = { as: string; action: string; resource: string };
export type Decision = {
  allowed: boolean;
  principal: { kind: string; id: string; name: string; role?: string; teams?: string[] };
  action: string;
  resource: string;
  policies: { id: string; file: string; text: string }[];
  reason: string;
};

export const policies = {
  list: () => call<Policies>('GET', '/v1/policies'),
  check: (question: Question) => call<Decision>('POST', '/v1/access/check', question),
};
