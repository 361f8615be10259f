import type { Change, Severity } from '$lib/api/portal';

export const SEVERITIES: { value: Severity; text: string; about: string }[] = [
  { value: 'breaking', text: 'Breaking', about: 'A client that works today can fail.' },
  { value: 'warning', text: 'Warning', about: 'It may fail; the documents do not say enough to know.' },
  { value: 'info', text: 'Info', about: 'No client notices.' },
];

/** The changes of each severity, the worst first, without those that have none. */
export function bySeverity(
  changes: Change[],
): { severity: Severity; text: string; about: string; changes: Change[] }[] {
  return SEVERITIES.map(({ value, text, about }) => ({
    severity: value,
    text,
    about,
    changes: changes.filter((change) => change.severity === value),
  })).filter((group) => group.changes.length > 0);
}

/** The statuses of a learned endpoint, whatever shape they come in: `200, 404` or `200 ×12, 404 ×3`. */
export function statusText(statuses: unknown): string {
  if (Array.isArray(statuses)) return statuses.map(String).join(', ');
  if (typeof statuses === 'object' && statuses !== null)
    return Object.entries(statuses)
      .map(([status, count]) => `${status} ×${String(count)}`)
      .join(', ');
  return statuses === null || statuses === undefined ? '' : String(statuses);
}

/** A document as text to copy: what is text already stays as it is. */
export function documentText(document: unknown): string {
  return typeof document === 'string' ? document : JSON.stringify(document, null, 2);
}
