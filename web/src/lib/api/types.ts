// Short names for the generated schemas. Everything else imports from here, never from `schema.d.ts`.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Problem = Schemas['Problem'];
export type Session = Schemas['Session'];
export type Token = Schemas['Token'];
export type TokenCreated = Schemas['TokenCreated'];
export type SqlRequest = Schemas['SqlRequest'];
export type SqlResult = Schemas['SqlResult'];
export type ResultColumn = SqlResult['columns'][number];
export type Cell = unknown;
export type Row = Cell[];
export type RunningQuery = Schemas['RunningQuery'];
export type TailFrame = Schemas['TailFrame'];
export type TailRow = Schemas['TailRow'];
export type Table = Schemas['Table'];
export type TableDetail = Schemas['TableDetail'];
export type System = Schemas['System'];
export type SavedQuery = Schemas['SavedQuery'];
export type ErrorPage = Schemas['ErrorPage'];
