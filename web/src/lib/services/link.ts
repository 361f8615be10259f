/** The views of a service; the first is the one without a word in the address. */
export const TABS = ['releases', 'deployments', 'instances', 'log'] as const;
export type Tab = (typeof TABS)[number];

export function serviceLink(name: string, tab: Tab = 'releases'): string {
  const base = `/services/${encodeURIComponent(name)}`;
  return tab === 'releases' ? base : `${base}?tab=${tab}`;
}

export function readTab(parameters: URLSearchParams): Tab {
  return TABS.find((tab) => tab === parameters.get('tab')) ?? 'releases';
}
