import { expect, test } from '@playwright/test';
import { expectAccessible } from '../e2e/axe';
import { session } from './fixtures';
import { bridges } from './fleet';
import { mock, problem } from './mock';

test('a bridge is green only on the side that is known to stand', async ({ page }) => {
  await mock(page);
  await page.goto('/bridges');
  const sides = page.getByRole('region', { name: 'Connections of aws' }).getByRole('row');
  await expect(sides.nth(1)).toContainText('Connected');
  await expect(sides.nth(2)).toContainText('not authorized');
  await expect(
    page.getByRole('region', { name: 'Connections of new' }).getByRole('row').nth(1),
  ).toContainText('Never connected');
  await expect(page.getByText('out[0].filter: a filter may not be empty')).toBeVisible();
  await page.getByRole('button', { name: 'With trouble' }).click();
  await expect(page).toHaveURL(/show=troubled$/);
  await expect(page.getByRole('heading', { name: 'hall' })).toHaveCount(0);

  await page.route(/\/v1\/bridges$/, (route) => route.abort());
  await expect(sides.nth(1)).toContainText('Not known');
  await expect(page.getByRole('alert')).toContainText('does not answer');
});

test('no bridge and no trouble have words of their own', async ({ page }) => {
  await mock(page, { 'GET /v1/bridges': { body: { bridges: [] } } });
  await page.goto('/bridges');
  await expect(page.getByRole('heading', { name: 'No bridge yet' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'command line' })).toContainText('bridge/aws.toml');
  await expectAccessible(page);
  await mock(page, { 'GET /v1/bridges': { body: { bridges: bridges.slice(1, 2) } } });
  await page.goto('/bridges?show=troubled');
  await expect(page.getByRole('heading', { name: 'No bridge has trouble' })).toBeVisible();
  await page.getByRole('link', { name: 'Show all bridges' }).click();
  await expect(page.getByRole('heading', { name: 'hall' })).toBeVisible();
});

test('a tile counts who is there, and nobody where the platform is asked in vain', async ({ page }) => {
  await mock(page);
  await page.goto('/devices?view=map');
  await expect(page.getByRole('img', { name: 'cellar: 3 connected, 1 gone, 1 not known' })).toBeVisible();
  await expect(page.getByRole('img', { name: 'plant: 5 connected, 2 gone, 2 not known' })).toBeVisible();
  await page.route(/\/v1\/sql$/, (route) => route.abort());
  await expect(page.getByRole('img', { name: 'cellar: 0 connected, 0 gone, 5 not known' })).toBeVisible({
    timeout: 10_000,
  });
});

test('a tile leads to the devices of its group, by keyboard, and back', async ({ page }) => {
  await mock(page);
  await page.goto('/devices?view=map');
  await page.getByRole('link', { name: 'cellar' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/devices\?group=cellar$/);
  const rows = page.getByRole('region', { name: 'Devices' }).getByRole('row');
  await expect(rows).toHaveCount(6);
  await page.getByLabel('State').selectOption('connected');
  await expect(page).toHaveURL(/state=connected&group=cellar$/);
  await expect(rows).toHaveCount(4);
  await page.getByLabel('Group').selectOption('any');
  await expect(rows).toHaveCount(6);
  await page.goBack();
  await expect(page.getByRole('img', { name: /^cellar: / })).toBeVisible();
});

test('who is in no group is told once all groups can be read', async ({ page }) => {
  await mock(page);
  await page.goto('/devices?view=map');
  await expect(page.getByText('Not known while there is a group that could not be read.')).toBeVisible();
  await mock(page, { 'GET /v1/thing-groups/hot/things': { body: { things: ['pump-9'] } } });
  await page.reload();
  await page.getByRole('link', { name: 'In no group' }).click();
  await expect(page).toHaveURL(/\/devices\?group=$/);
  await expect(page.getByRole('region', { name: 'Devices' }).getByRole('row')).toHaveCount(2);
  await expect(page.getByRole('link', { name: 'meter-1' })).toBeVisible();
});

test('a fleet without groups is told how to make one', async ({ page }) => {
  await mock(page, { 'GET /v1/thing-groups': { body: { groups: [] } } });
  await page.goto('/devices?view=map');
  await expect(page.getByRole('heading', { name: 'No group yet' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'API call' })).toContainText('/v1/thing-groups');
  await page.getByRole('button', { name: 'List' }).click();
  await expect(page.getByLabel('Group')).toHaveCount(0);
});

test('the form of a device opens by its link with the focus in it', async ({ page }) => {
  await mock(page);
  await page.goto('/devices?create=device');
  await expect(page.getByRole('dialog').getByLabel('Name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/devices$/);
  await page.getByRole('button', { name: 'Create device' }).click();
  await expect(page.getByRole('dialog').getByLabel('Name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Create device' })).toBeFocused();
});

test('a command is sent as it was typed, and a refusal keeps it', async ({ page }) => {
  const sent: unknown[] = [];
  await mock(page, {
    'POST /v1/things/pump-1/commands': (route) => {
      sent.push(route.request().postDataJSON());
      const refused = { title: 'too many commands wait for an answer', code: 'TL-COMMAND-005', status: 429 };
      if (sent.length === 1) return route.fulfill({ status: 429, json: refused });
      return route.fulfill({ status: 202, json: { name: 'reboot' } });
    },
  });
  await page.goto('/devices/pump-1?tab=commands');
  await page.getByLabel('Name').fill('reboot');
  await page.getByLabel('Payload').fill('[1, 9007199254740993]');
  await expect(page.getByRole('alert')).toContainText('larger number');
  await expect(page.getByRole('button', { name: 'Send the command' })).toBeDisabled();
  await page.getByLabel('Payload').fill('{"delay": 5}');
  await page.getByLabel('Deadline').fill('60');
  await page.getByRole('button', { name: 'Send the command' }).click();
  await expect(page.getByRole('alert')).toContainText('TL-COMMAND-005');
  await expect(page.getByLabel('Name')).toHaveValue('reboot');
  await page.getByLabel('Payload').fill('');
  await page.getByRole('button', { name: 'Send the command' }).click();
  await expect(page.getByText('The command reboot is sent.')).toBeVisible();
  expect(sent).toEqual([
    { name: 'reboot', payload: { delay: 5 }, deadline_seconds: 60 },
    { name: 'reboot', deadline_seconds: 60 },
  ]);
});

test('a command is opened by keyboard and by link, and closing gives the focus back', async ({ page }) => {
  await mock(page);
  await page.goto('/devices/pump-1?tab=commands&status=succeeded');
  const link = page.getByRole('link', { name: /^measure cmd_3/ });
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/tab=commands&status=succeeded&command=cmd_3$/);
  await expect(page.getByRole('dialog').getByRole('region', { name: 'answer' })).toContainText('61.5');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/tab=commands&status=succeeded$/);
  await expect(link).toBeFocused();
  await mock(page, { 'GET /v1/commands/cmd_9': problem(404, 'TL-COMMAND-001', 'there is no such command') });
  await page.goto('/devices/pump-1?tab=commands&command=cmd_9');
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('TL-COMMAND-001');
});

test('a relation is put and removed by its ends', async ({ page }) => {
  const asked: string[] = [];
  await mock(page, {
    'PUT /v1/relations': (route) => {
      asked.push(JSON.stringify(route.request().postDataJSON()));
      return route.fulfill({ status: 201, json: route.request().postDataJSON() });
    },
    'DELETE /v1/relations': (route) => {
      asked.push(new URL(route.request().url()).search);
      return route.fulfill({ status: 204 });
    },
  });
  await page.goto('/devices/pump-1?tab=relations');
  await page.getByLabel('Which way').selectOption('incoming');
  await page.getByLabel('Kind').fill('feeds');
  await page.getByLabel('Device', { exact: true }).fill('pump-3');
  await page.getByRole('button', { name: 'Add the relation' }).click();
  await expect(page.getByText('The relation feeds is there.')).toBeVisible();
  await page
    .getByRole('region', { name: 'What it hangs off' })
    .getByRole('button', { name: 'Remove part-of place:cellar' })
    .click();
  const confirm = page.getByRole('dialog', { name: 'Remove the relation part-of?' });
  await expectAccessible(page);
  await confirm.getByRole('button', { name: 'Remove the relation' }).click();
  await expect(confirm).toBeHidden();
  expect(asked).toEqual([
    '{"from":"thing:pump-3","kind":"feeds","to":"thing:pump-1"}',
    '?from=thing%3Apump-1&kind=part-of&to=place%3Acellar',
  ]);
});

test('a viewer sees commands and relations, and is offered nothing to change', async ({ page }) => {
  await mock(page, { 'GET /v1/session': { body: session('viewer') } });
  await page.goto('/devices/pump-1?tab=commands');
  await page.getByText('the sensor is stuck').waitFor();
  await expect(page.getByRole('button', { name: /^(Send|Call off)/ })).toHaveCount(0);
  await page.goto('/devices/pump-1?tab=relations');
  await page.getByText('place:cellar').waitFor();
  await expect(page.getByRole('button', { name: /^(Add|Remove)/ })).toHaveCount(0);
});

test('the course of a job says how it ended, and by which gate', async ({ page }) => {
  await mock(page);
  await page.goto('/jobs/ota-7');
  await expect(page.getByRole('img', { name: /^Executions of ota-7 over time/ })).toHaveAccessibleName(
    'Executions of ota-7 over time. At the end: succeeded 170, failed 30, timed out 12, rejected 8, called off 80, in progress 0, queued 0.',
  );
  const marks = page.getByRole('list', { name: 'What happened to the job' });
  await expect(marks.getByRole('listitem')).toHaveCount(3);
  await expect(marks).toContainText('the gate abort held, select max(temp) > 90 from readings');
});
