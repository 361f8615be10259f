import type { Standing, State } from './presence';
import { SIGHT_DAYS } from './query';
import { GONE_REASONS } from './story';

export const STATE_TEXT: Record<State, string> = {
  connected: 'Connected',
  gone: 'Gone',
  unknown: 'Unknown',
  never: 'Never seen',
};

const DAY = 86_400_000;

/** The state in a word or a few. A device that is older than what was looked at may have been seen before. */
export function stateText(standing: Standing, created: string, now: number): string {
  if (standing.state === 'never' && now - Date.parse(created) > SIGHT_DAYS * DAY)
    return `Not seen for ${SIGHT_DAYS} days`;
  return STATE_TEXT[standing.state];
}

/** What more there is to say of a state. */
export function stateDetail(standing: Standing): string {
  if (standing.state === 'gone') return GONE_REASONS[standing.reason] ?? standing.reason;
  if (standing.state === 'unknown' && standing.seen) return 'not heard of since the platform started';
  return '';
}
