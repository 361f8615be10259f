import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { brokerOf, makeDevice, makeJob, publish } from './fleet';
import { unique } from './pages';

test('a job is made, and its page follows what the devices do', async ({ page, request }) => {
  const [first, second] = [unique('lift'), unique('door')];
  const secret = await makeDevice(request, first);
  await makeDevice(request, second);
  const job = unique('update');
  await page.goto(`/devices/${first}?tab=jobs`);
  await expect(page.getByRole('heading', { name: 'It had nothing to do yet' })).toBeVisible();
  await page.getByRole('link', { name: 'Create a job for it' }).click();

  const dialog = page.getByRole('dialog', { name: 'Create a job' });
  const create = dialog.getByRole('button', { name: 'Create the job' });
  await expect(dialog.getByLabel('Id', { exact: true })).toBeFocused();
  await expect(dialog.getByLabel('Targets')).toHaveValue(first);
  await page.keyboard.type(job);
  await dialog.getByLabel('Targets').fill(`${first} no/name`);
  await expect(dialog.getByRole('alert')).toContainText('no/name');
  await dialog.getByLabel('Targets').fill(`${first}\n${second}`);
  await dialog.getByLabel('Document', { exact: true }).fill('{"operation": ');
  await expect(dialog.getByRole('alert')).toContainText('not JSON');
  await expect(create).toBeDisabled();
  await dialog.getByLabel('Document', { exact: true }).fill('{"operation": "update"}');
  await dialog.getByLabel('Devices a minute').fill('600');
  await dialog.getByRole('button', { name: 'Add a criterion' }).click();
  await dialog.getByLabel('Call it off at').fill('60');
  await dialog.getByLabel('Judged from').fill('2');
  await dialog.getByText('Abort gate, time-out, retries and rollback').click();
  await dialog.getByLabel('Abort gate').fill('select count(*) > 1000 from executions');
  await dialog.getByLabel('Time-out').fill('30');
  await dialog.getByLabel('Rollback document').fill('{"operation": ');
  await expect(create).toBeDisabled();
  await dialog.getByLabel('Rollback document').fill('{"operation": "back"}');
  await expectAccessible(page);
  await create.click();

  await expect(page).toHaveURL(new RegExp(`/jobs/${job}$`));
  const bar = page.getByRole('img', { name: `Progress of ${job}` });
  await expect(bar).toHaveAccessibleName(`Progress of ${job}: Queued 2`, { timeout: 20_000 });
  await expect(page.getByRole('region', { name: 'document' })).toContainText('"operation": "update"');
  await expect(page.getByRole('region', { name: 'rollout' })).toContainText('"maximumPerMinute": 600');
  await expect(page.getByRole('region', { name: 'when it calls itself off' })).toContainText('60');
  await expect(page.getByText('select count(*) > 1000 from executions')).toBeVisible();

  // The page is not touched: it asks again of itself.
  const broker = await brokerOf(request);
  const say = (status: string) =>
    publish(broker, first, secret, `$aws/things/${first}/jobs/${job}/update`, JSON.stringify({ status }));
  say('IN_PROGRESS');
  await expect(bar).toHaveAccessibleName(/In progress 1, Queued 1/);
  say('SUCCEEDED');
  await expect(page.getByText('1 of 2 succeeded')).toBeVisible();
  // The course is read from the log, and says the same.
  const course = page.getByRole('img', { name: `Executions of ${job} over time` });
  await expect(course).toHaveAccessibleName(/succeeded 1, .*queued 1/, { timeout: 40_000 });
  await expect(page.getByRole('list', { name: 'What happened to the job' })).toContainText('It began');
  await expectAccessible(page);

  const executions = page.getByRole('region', { name: 'Executions' });
  await page.getByLabel('Status').selectOption('SUCCEEDED');
  await expect(page).toHaveURL(/status=SUCCEEDED/);
  await expect(executions).toContainText(first);
  await expect(executions).not.toContainText(second);
  await page.reload();
  await expect(executions).toContainText(first);
  await page.getByLabel('Status').selectOption('FAILED');
  await expect(page.getByText('No execution fits.')).toBeVisible();
  await page.goBack();
  await executions.getByRole('link', { name: first }).click();
  await expect(page).toHaveURL(new RegExp(`/devices/${first}\\?tab=jobs`));
  const row = page.getByRole('region', { name: 'Executions' }).getByRole('row').filter({ hasText: job });
  await expect(row).toContainText('Succeeded');
});

test('a job goes by stages, with a gate between them, several criteria and retries', async ({
  page,
  request,
}) => {
  const names = [unique('fan'), unique('vent')];
  for (const name of names) await makeDevice(request, name);
  const job = unique('staged');
  await page.goto('/jobs?create=job');
  const dialog = page.getByRole('dialog', { name: 'Create a job' });
  await dialog.getByLabel('Id', { exact: true }).fill(job);
  await dialog.getByLabel('Targets').fill(names.join(' '));
  await dialog.getByLabel('Document', { exact: true }).fill('{"operation": "update"}');
  await dialog.getByRole('button', { name: 'Stages' }).click();
  await dialog.getByRole('group', { name: 'Stage 1' }).getByLabel('Reaches').fill('50');
  await dialog.getByRole('group', { name: 'Stage 2' }).getByLabel('Reaches').fill('40');
  await expect(dialog.getByRole('alert')).toContainText('more than the stage before');
  await dialog.getByRole('group', { name: 'Stage 2' }).getByLabel('Reaches').fill('100');
  await dialog.getByLabel('Advance gate').fill('select true');
  for (const [at, type] of ['FAILED', 'TIMED_OUT'].entries()) {
    await dialog.getByRole('button', { name: 'Add a criterion' }).click();
    const criterion = dialog.getByRole('group', { name: `Criterion ${at + 1}` });
    await criterion.getByLabel('Executions that').selectOption(type);
    await criterion.getByLabel('Call it off at').fill('25.5');
  }
  await dialog.getByText('Abort gate, time-out, retries and rollback').click();
  await dialog.getByLabel('Time-out').fill('30');
  await dialog.getByRole('button', { name: 'By reason' }).click();
  await dialog.getByLabel('After a failure').fill('2');
  await dialog.getByLabel('After a time-out').fill('1');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create the job' }).click();

  await expect(page).toHaveURL(new RegExp(`/jobs/${job}$`));
  const rollout = page.getByRole('region', { name: 'rollout' });
  await expect(rollout).toContainText('"percentage": 50');
  await expect(rollout).toContainText('"name": "all"');
  const off = page.getByRole('region', { name: 'when it calls itself off' });
  await expect(off).toContainText('"TIMED_OUT"');
  await expect(off).toContainText('25.5');
  await expect(page.getByRole('region', { name: 'how often it is tried again' })).toContainText(
    '"numberOfRetries": 2',
  );
  await expect(page.getByRole('region', { name: 'advance statement' })).toContainText('select true');
});

test('a job spreads at a rate that grows', async ({ page, request }) => {
  const name = unique('belt');
  await makeDevice(request, name);
  const job = unique('growing');
  await page.goto(`/jobs?create=job&target=${name}`);
  const dialog = page.getByRole('dialog', { name: 'Create a job' });
  await dialog.getByLabel('Id', { exact: true }).fill(job);
  await dialog.getByLabel('Document', { exact: true }).fill('{"operation": "update"}');
  await dialog.getByRole('button', { name: 'Growing rate' }).click();
  await dialog.getByLabel('Begins with').fill('5');
  await dialog.getByLabel('Grows by').fill('1.5');
  await dialog.getByLabel('A step after succeeded').fill('10');
  await dialog.getByLabel('Devices a minute').fill('100');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create the job' }).click();
  await expect(page).toHaveURL(new RegExp(`/jobs/${job}$`));
  await expect(page.getByRole('region', { name: 'rollout' })).toContainText('"incrementFactor": 1.5');
});

test('a job is called off from the list, and stays to be found by its status', async ({ page, request }) => {
  const name = unique('crane');
  await makeDevice(request, name);
  const job = unique('wrong');
  await makeJob(request, job, [name]);
  await page.goto('/jobs');
  const row = page.getByRole('region', { name: 'Jobs' }).getByRole('row').filter({ hasText: job });
  await expect(row).toContainText('In progress');
  await expect(row).toContainText('0 of 1 succeeded');
  await row.getByRole('button', { name: `Call off ${job}` }).click();
  const confirm = page.getByRole('dialog', { name: `Call off ${job}?` });
  await confirm.getByLabel('Also for devices that have begun').check();
  await confirm.getByLabel('Why').fill('The image is broken');
  await expectAccessible(page);
  await confirm.getByRole('button', { name: 'Call it off' }).click();
  await expect(row).toContainText('Called off');
  await expect(row.getByRole('button', { name: `Call off ${job}` })).toHaveCount(0);

  await page.getByLabel('Status').selectOption('CANCELED');
  await expect(page).toHaveURL(/status=CANCELED/);
  await row.getByRole('link', { name: job }).click();
  await expect(page.getByRole('definition').filter({ hasText: 'The image is broken' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'What happened to the job' })).toContainText(
    /It was called off by .*: The image is broken/,
    { timeout: 40_000 },
  );
  await expect(page.getByRole('button', { name: 'Call off' })).toHaveCount(0);
});

test('a job for a device that is not there is refused, and the form keeps what was typed', async ({
  page,
}) => {
  await page.goto('/jobs?create=job');
  const dialog = page.getByRole('dialog', { name: 'Create a job' });
  await dialog.getByLabel('Id', { exact: true }).fill(unique('vain'));
  await dialog.getByLabel('Targets').fill('no-such-device');
  await dialog.getByLabel('Document', { exact: true }).fill('{"operation": "update"}');
  await dialog.getByRole('button', { name: 'Create the job' }).click();
  await expect(dialog.getByRole('alert')).toContainText('TL-FLEET-001');
  await expect(dialog.getByLabel('Targets')).toHaveValue('no-such-device');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/jobs$/);
});

test('jobs are reached by keys and from the palette', async ({ page }) => {
  await page.goto('/tables');
  await page.getByRole('heading', { level: 1, name: 'Tables' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await expect(page).toHaveURL(/\/jobs$/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('create a job');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Create a job' })).toBeVisible();
});
