/** What the page looks at; it stands in the address. */
export type DeliveryFilter = { days: number; repository: string };

export const RANGES = [
  { days: 7, text: '7 days' },
  { days: 30, text: '30 days' },
  { days: 90, text: '90 days' },
  { days: 365, text: '1 year' },
];
export const DEFAULT_DAYS = 30;

/** Reads a filter from an address; what it does not understand falls back to the default. */
export function readFilter(parameters: URLSearchParams): DeliveryFilter {
  const days = Number(parameters.get('days'));
  return {
    days: RANGES.some((range) => range.days === days) ? days : DEFAULT_DAYS,
    repository: parameters.get('repository') ?? '',
  };
}

/** The address of the page with a filter, without what is the default. */
export function deliveryLink({ days, repository }: DeliveryFilter): string {
  const parameters = new URLSearchParams();
  if (days !== DEFAULT_DAYS) parameters.set('days', String(days));
  if (repository) parameters.set('repository', repository);
  const query = parameters.toString();
  return query ? `/delivery?${query}` : '/delivery';
}

/** `the last 30 days`, for sentences. */
export function rangeText({ days }: DeliveryFilter): string {
  return days === 365 ? 'the last year' : `the last ${days} days`;
}
