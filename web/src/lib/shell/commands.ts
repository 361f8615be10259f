import { goto } from '$app/navigation';
import { mayChangeArtifacts, mayChangeDevices } from '$lib/devices/rights';
import { chartFrom, exploreLink } from '$lib/explore/view';
import { mayChangeRepositories } from '$lib/forge/rights';
import { liveLink } from '$lib/live/view';
import { serviceLink } from '$lib/services/link';
import { notices } from '$lib/state/notices.svelte';
import { preferences } from '$lib/state/preferences.svelte';
import { queries } from '$lib/state/queries.svelte';
import { recent } from '$lib/state/recent.svelte';
import { serviceNames } from '$lib/state/services.svelte';
import { session } from '$lib/state/session.svelte';
import { tables } from '$lib/state/tables.svelte';
import { followsLog, newestRows } from '$lib/tables/kind';
import { copyText } from '$lib/ui/clipboard';
import { signOut } from './account';
import { groupsFor } from './places';

export type Command = { id: string; text: string; keys?: string; words?: string[]; run: () => void };
export type CommandGroup = { title: string; commands: Command[] };

/** Everything that the palette offers now. */
export function commandGroups(showKeys: () => void): CommandGroup[] {
  return [
    {
      title: 'Recent',
      commands: recent.list.map((visit) => go(`recent ${visit.href}`, visit.label, visit.href)),
    },
    {
      title: 'Go to',
      commands: [
        ...groupsFor(session.role).flatMap((group) =>
          group.places.map((place) => ({
            ...go(`place ${place.href}`, place.text, place.href),
            keys: place.keys,
          })),
        ),
        go('place /account', 'Account', '/account', ['password', 'passkey', 'sessions']),
        go('place /changes?state=open', 'Changes that wait for a review', '/changes?state=open', ['review']),
        go('place /changes?state=queued', 'Changes in the landing queue', '/changes?state=queued', [
          'landing',
        ]),
        go('place /changes?state=refused', 'Changes that were refused', '/changes?state=refused', [
          'failed',
          'red',
        ]),
        go('place /delivery?days=7', 'Delivery of the last 7 days', '/delivery?days=7', [
          'lead time',
          'flakes',
          'cost',
          'cache',
        ]),
        go('place /runs', 'Runs of tasks', '/runs', ['log', 'test', 'build', 'ci']),
        go('place /tokens', 'Tokens', '/tokens'),
        go('place /people?tab=invitations', 'Invitations', '/people?tab=invitations'),
        go('place /people?tab=teams', 'Teams', '/people?tab=teams'),
        go('place /people?tab=services', 'Service accounts', '/people?tab=services', ['machine', 'robot']),
        go('place /gateway?tab=upstreams', 'Gateway upstreams', '/gateway?tab=upstreams', [
          'weights',
          'canary',
        ]),
        go('place /gateway?tab=plans', 'Gateway plans and keys', '/gateway?tab=plans', ['limits', 'usage']),
        go('place /devices?state=gone', 'Devices that are gone', '/devices?state=gone', [
          'offline',
          'lost',
          'silent',
        ]),
        go('place /devices?view=map', 'Map of device groups', '/devices?view=map', ['tree', 'presence']),
        go('place /bridges?show=troubled', 'Bridges with trouble', '/bridges?show=troubled', [
          'broker',
          'mqtt',
          'aws',
          'mosquitto',
        ]),
        go('place /jobs?status=IN_PROGRESS', 'Jobs in progress', '/jobs?status=IN_PROGRESS', [
          'rollout',
          'update',
        ]),
      ],
    },
    { title: 'Actions', commands: actions(showKeys) },
    {
      title: 'Services',
      commands: serviceNames.list.map((name) =>
        go(`service ${name}`, `Service ${name}`, serviceLink(name), ['release', 'deployment', 'roll back']),
      ),
    },
    {
      title: 'Tables',
      commands: tables.list.flatMap((table) => [
        go(`table ${table.name}`, `Table ${table.name}`, `/tables/${encodeURIComponent(table.name)}`),
        go(
          `query ${table.name}`,
          `Newest rows of ${table.name}`,
          exploreLink({ query: newestRows(table), limit: 100 }),
        ),
        ...(followsLog(table)
          ? [
              go(
                `follow ${table.name}`,
                `Follow ${table.name} live`,
                liveLink({ tables: [table.name], contains: '' }),
              ),
            ]
          : []),
      ]),
    },
    {
      title: 'Saved queries',
      commands: queries.list.map((saved) =>
        go(
          `saved ${saved.name}`,
          saved.name,
          exploreLink({ query: saved.query, chart: chartFrom(saved.chart), saved: saved.name }),
        ),
      ),
    },
  ].filter((group) => group.commands.length > 0);
}

function actions(showKeys: () => void): Command[] {
  const owner = session.isOwner
    ? [
        go('action token', 'Create an API token', '/tokens?create=token', ['secret', 'key']),
        go('action link', 'Make a sign-in link', '/tokens?create=link'),
        go('action invite', 'Invite somebody', '/people?tab=invitations&create=invitation', [
          'person',
          'add',
        ]),
        go('action team', 'Create a team', '/people?tab=teams&create=team'),
        go('action service', 'Create a service account', '/people?tab=services&create=service'),
      ]
    : [];
  const devices = mayChangeDevices()
    ? [
        go('action device', 'Create a device', '/devices?create=device', ['thing', 'mqtt', 'secret']),
        go('action job', 'Create a job', '/jobs?create=job', ['rollout', 'update', 'firmware']),
        go('action group', 'Create a group', '/groups?create=group', ['list', 'statement', 'devices']),
        go('action type', 'Create a type', '/types?create=type', ['kind', 'schema', 'attributes']),
      ]
    : [];
  const artifacts = mayChangeArtifacts()
    ? [
        go('action artifact', 'Upload an artifact', '/artifacts?create=artifact', [
          'firmware',
          'image',
          'update',
        ]),
      ]
    : [];
  const code = mayChangeRepositories()
    ? [go('action repository', 'Create a repository', '/repositories?create=repository', ['git', 'code'])]
    : [];
  return [
    go('action query', 'Write a new query', '/explore?new', ['sql']),
    ...owner,
    ...devices,
    ...artifacts,
    ...code,
    go('action check', 'Check who may do what', '/policies?tab=check', ['policy', 'permission', 'explain']),
    go('action refused', 'Show what was refused', '/audit?allowed=no', ['denied', 'forbidden']),
    go('action diff', 'Compare two API documents', '/portal?tab=compare', ['breaking', 'openapi', 'diff']),
    act('action light', 'Use the light theme', () => preferences.setTheme('light')),
    act('action dark', 'Use the dark theme', () => preferences.setTheme('dark')),
    act('action system', 'Use the theme of the system', () => preferences.setTheme('system')),
    act('action utc', 'Show times in UTC', () => preferences.setZone('utc')),
    act('action local', 'Show times in local time', () => preferences.setZone('local')),
    act('action copy', 'Copy the link to this view', () => {
      void copyText(location.href).then(() => notices.done('The link is on the clipboard.'));
    }),
    { ...act('action keys', 'Show keys', showKeys), keys: '?' },
    act('action out', 'Sign out', () => void signOut()),
  ];
}

function go(id: string, text: string, href: string, words: string[] = []): Command {
  return { id, text, words, run: () => void goto(href) };
}

function act(id: string, text: string, run: () => void): Command {
  return { id, text, run };
}
