/** The parameters of a device's page; what is absent is the default. */
export type DeviceParameters = Partial<
  Record<
    'tab' | 'shadow' | 'version' | 'topic' | 'hours' | 'show' | 'status' | 'after' | 'command',
    string | null
  >
>;

/** The link to a device's page. */
export function deviceLink(name: string, parameters: DeviceParameters = {}): string {
  const given = Object.entries(parameters).filter(([, value]) => value != null && value !== '');
  const query = new URLSearchParams(given as [string, string][]).toString();
  return `/devices/${encodeURIComponent(name)}${query ? `?${query}` : ''}`;
}

/** How far back a tab looks, by the parameter `hours`; what is not offered is the first choice. */
export function hoursOf(parameters: URLSearchParams, offered: { value: number }[]): number {
  const wanted = Number(parameters.get('hours'));
  return offered.find(({ value }) => value === wanted)?.value ?? offered[0]?.value ?? 1;
}
