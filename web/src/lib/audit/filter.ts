import { literal } from '$lib/explore/identifier';

/** What the audit page asks for. */
export type AuditFilter = {
  who: string;
  action: string;
  allowed: 'all' | 'yes' | 'no';
  /** How far back, in hours; null is everything. */
  hours: number | null;
};

export const SPANS: { value: number; text: string }[] = [
  { value: 1, text: 'Last hour' },
  { value: 24, text: 'Last day' },
  { value: 168, text: 'Last week' },
  { value: 720, text: 'Last 30 days' },
  { value: 0, text: 'All time' },
];
const DEFAULT_HOURS = 24;

/** Reads a filter from a URL's parameters; what it does not understand falls back to the default. */
export function readFilter(parameters: URLSearchParams): AuditFilter {
  const allowed = parameters.get('allowed');
  const hours = parameters.has('hours') ? Number(parameters.get('hours')) : DEFAULT_HOURS;
  return {
    who: parameters.get('who') ?? '',
    action: parameters.get('action') ?? '',
    allowed: allowed === 'yes' || allowed === 'no' ? allowed : 'all',
    hours: hours === 0 ? null : SPANS.some((span) => span.value === hours) ? hours : DEFAULT_HOURS,
  };
}

/** The link to a filter, without what is the default. */
export function auditLink(part: Partial<AuditFilter>): string {
  const parameters = new URLSearchParams();
  if (part.who) parameters.set('who', part.who);
  if (part.action) parameters.set('action', part.action);
  if (part.allowed && part.allowed !== 'all') parameters.set('allowed', part.allowed);
  if (part.hours === null) parameters.set('hours', '0');
  else if (part.hours !== undefined && part.hours !== DEFAULT_HOURS)
    parameters.set('hours', String(part.hours));
  const text = parameters.toString();
  return text ? `/audit?${text}` : '/audit';
}

/** The statement that a filter stands for; the same opens in Explore. */
export function auditQuery(filter: AuditFilter): string {
  const where: string[] = [];
  if (filter.hours !== null) where.push(`time > now() - INTERVAL '${filter.hours} hours'`);
  const who = filter.who.trim();
  if (who) where.push(`(who = ${literal(who)} OR who_name ILIKE ${literal(`%${escapeLike(who)}%`)})`);
  const action = filter.action.trim();
  if (action) where.push(`action LIKE ${literal(`${escapeLike(action)}%`)}`);
  if (filter.allowed !== 'all') where.push(filter.allowed === 'yes' ? 'allowed' : 'NOT allowed');
  return [
    'SELECT time, who, who_name, role, action, resource, allowed, reason, policies, client',
    'FROM audit',
    ...(where.length > 0 ? [`WHERE ${where.join('\n  AND ')}`] : []),
    'ORDER BY time DESC',
  ].join('\n');
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
