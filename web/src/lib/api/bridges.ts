import { call } from './call';

/** One of the two connections of a bridge. */
export type BridgeSide = {
  connected: boolean;
  /** Since when it stands or does not; null where it never stood. */
  since: string | null;
  /** How often it was made. */
  connections: number;
  last_error: string | null;
  /** Whether the end of every filter that only a former file asked for is acknowledged too; until then its messages may still come. */
  subscribed?: boolean;
};

/** One of the two directions; counts begin when the platform starts or the file changes. */
export type BridgeFlow = {
  received: number;
  forwarded: number;
  waiting: number;
  /** Lost to a limit or a refusal. */
  dropped: number;
  /** Came from the other side and were not sent back. */
  returned: number;
  /** No map takes them. */
  unwanted: number;
};

export type BridgeProblem = {
  file: string;
  line: number | null;
  key: string | null;
  text: string;
  hint: string | null;
};

export type Bridge = {
  name: string;
  /** The other broker; null where the file never was good. */
  server: string | null;
  local: BridgeSide;
  remote: BridgeSide;
  out: BridgeFlow;
  in: BridgeFlow;
  problems: BridgeProblem[];
};

export const bridges = {
  list: async () => (await call<{ bridges: Bridge[] }>('GET', '/v1/bridges')).bridges,
};
