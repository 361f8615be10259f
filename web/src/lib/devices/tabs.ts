import type { Component } from 'svelte';
import type { Thing } from '$lib/api/things';
import type { Broker } from './command';

/** What every tab of a device's page is given. What it shows beyond that is its own, and in the address. */
export type TabProps = { thing: Thing; broker: Broker | null };
type Loading = Promise<{ default: Component<TabProps> }>;

/** The tabs of a device's page, in their order; the first is the one without a parameter. Each loads when it is looked at. */
export const TABS: { id: string; text: string; load: () => Loading }[] = [
  { id: 'twin', text: 'Twin', load: () => import('./TwinTab.svelte') },
  { id: 'telemetry', text: 'Telemetry', load: () => import('./TelemetryTab.svelte') },
  { id: 'events', text: 'Events', load: () => import('./EventsTab.svelte') },
  { id: 'commands', text: 'Commands', load: () => import('./CommandsTab.svelte') },
  { id: 'jobs', text: 'Jobs', load: () => import('./JobsTab.svelte') },
  { id: 'relations', text: 'Relations', load: () => import('./RelationsTab.svelte') },
  { id: 'credential', text: 'Credential', load: () => import('./CredentialTab.svelte') },
  { id: 'certificates', text: 'Certificates', load: () => import('./CertificatesTab.svelte') },
];
