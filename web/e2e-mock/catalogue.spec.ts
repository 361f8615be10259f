import { expect, test } from '@playwright/test';
import { expectAccessible } from '../e2e/axe';
import { artifacts, types } from './catalogue';
import { session } from './fixtures';
import { job } from './fleet';
import { mock, problem } from './mock';

test('a type is written whole, and what the server says of its schema is shown', async ({ page }) => {
  const sent: unknown[] = [];
  await mock(page, {
    'PUT /v1/thing-types/meter': (route) => {
      sent.push(route.request().postDataJSON());
      const refused = { title: 'the type cannot be like that', code: 'TL-FLEET-021', status: 422 };
      if (sent.length === 1)
        return route.fulfill({ status: 422, json: { ...refused, detail: 'attributes: type is no type' } });
      return route.fulfill({ json: { ...types[0], name: 'meter' } });
    },
    'GET /v1/thing-types/meter': { body: { ...types[0], name: 'meter', description: 'It counts' } },
  });
  await page.goto('/types');
  await page.getByRole('button', { name: /^Create its type.*meter$/ }).click();
  await expect(page).toHaveURL(/create=type&name=meter$/);
  const dialog = page.getByRole('dialog', { name: 'Create a type' });
  await expect(dialog.getByLabel('Name')).toHaveValue('meter');
  await dialog.getByLabel('Name').fill('pump');
  await expect(dialog.getByRole('alert')).toContainText('There is a type pump already');
  await dialog.getByLabel('Name').fill('meter');
  await dialog.getByLabel('Attributes').fill('{"type": ');
  await expect(dialog.getByRole('alert')).toContainText('not JSON');
  await expect(dialog.getByRole('button', { name: 'Create the type' })).toBeDisabled();
  await dialog.getByLabel('Attributes').fill('{"type": 7}');
  await dialog.getByRole('button', { name: 'Create the type' }).click();
  await expect(dialog.getByRole('alert')).toContainText('attributes: type is no type');
  await expectAccessible(page);
  await dialog.getByLabel('Attributes').fill('');
  await dialog.getByLabel('Size of a twin').fill('16');
  await dialog.getByRole('button', { name: 'Create the type' }).click();
  await expect(page).toHaveURL(/\/types\/meter$/);
  await expect(page.getByText('It counts')).toBeVisible();
  expect(sent).toEqual([
    { description: '', attributes: { type: 7 }, reported: null, shadow_bytes: null },
    { description: '', attributes: null, reported: null, shadow_bytes: 16_384 },
  ]);
});

test('who is in a group by a part of it cannot be taken out of it', async ({ page }) => {
  const asked: string[] = [];
  await mock(page, {
    'DELETE /v1/thing-groups/plant/things/pump-7': (route) => {
      asked.push('take pump-7');
      return route.fulfill({ status: 204 });
    },
    'PUT /v1/thing-groups/plant/things/pump-9': (route) => {
      asked.push('put pump-9');
      return route.fulfill({ status: 204 });
    },
    'PUT /v1/thing-groups/plant/things/ghost': problem(404, 'TL-FLEET-001', 'there is no such device'),
  });
  await page.goto('/groups');
  await page.getByRole('link', { name: 'plant', exact: true }).first().click();
  const rows = page.getByRole('region', { name: 'Devices of plant' }).getByRole('row');
  await expect(rows.filter({ hasText: 'pump-1' })).toContainText('by a part of it');
  await expect(rows.filter({ hasText: 'pump-1' }).getByRole('button')).toHaveCount(0);
  await rows.getByRole('button', { name: /^Take out\spump-7$/ }).click();
  await expect(page.getByText('pump-7 is not in plant any more.')).toBeVisible();
  // What did not work stays in the field; what worked is done.
  await page.getByLabel('Add devices').fill('pump-9 ghost');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('TL-FLEET-001');
  await expect(page.getByLabel('Add devices')).toHaveValue('ghost');
  expect(asked).toEqual(['take pump-7', 'put pump-9']);
});

test('a statement of a group is opened as SQL, and changed', async ({ page }) => {
  const sent: unknown[] = [];
  await mock(page, {
    'PATCH /v1/thing-groups/hot': (route) => {
      sent.push(route.request().postDataJSON());
      return route.fulfill({ json: {} });
    },
  });
  await page.goto('/groups/hot');
  await expect(page.getByRole('link', { name: 'Open as SQL' })).toHaveAttribute(
    'href',
    /select\+thing\+from\+readings\+where\+temp/,
  );
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit hot' });
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
  await dialog.getByLabel('Statement').fill('select thing from things');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  expect(sent).toEqual([{ statement: 'select thing from things' }]);
});

test('an upload shows how far it is, can be stopped, and tells why it was refused', async ({ page }) => {
  let asked = 0;
  await mock(page, {
    'PUT /v1/artifacts/pump-firmware/1.5.0': async (route) => {
      asked += 1;
      // The first is stopped before an answer comes.
      if (asked === 1) return;
      const refused = { title: 'there is other content', code: 'TL-ARTIFACT-003', status: 409 };
      await route.fulfill(
        asked === 2
          ? { status: 409, json: refused }
          : { status: 201, json: { ...artifacts[1], version: '1.5.0' } },
      );
    },
    'GET /v1/artifacts/pump-firmware/1.5.0': { body: { ...artifacts[1], version: '1.5.0' } },
  });
  await page.goto('/artifacts');
  await page.getByRole('button', { name: 'Upload artifact' }).click();
  const dialog = page.getByRole('dialog', { name: 'Upload an artifact' });
  const name = 'pump-firmware-1.5.0.bin';
  await dialog.getByLabel('File').setInputFiles({ name, mimeType: '', buffer: Buffer.alloc(1_000_000, 7) });
  await expect(dialog.getByLabel('Name')).toHaveValue('pump-firmware');
  await expect(dialog.getByLabel('Version')).toHaveValue('1.5.0');
  await dialog.getByRole('button', { name: 'Upload' }).click();
  await expect(dialog.getByRole('progressbar', { name: `Upload of ${name}` })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await expect(dialog.getByRole('progressbar')).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Upload' }).click();
  await expect(dialog.getByRole('alert')).toContainText('TL-ARTIFACT-003');
  await dialog.getByRole('button', { name: 'Upload' }).click();
  await expect(page).toHaveURL(/\/artifacts\/pump-firmware@1\.5\.0\/about$/);
  await expect(page.getByRole('region', { name: 'digest' })).toContainText('84d8');
});

test('a job is asked for with stages, gates, criteria and retries', async ({ page }) => {
  const sent: unknown[] = [];
  await mock(page, {
    'POST /v1/jobs': (route) => {
      sent.push(route.request().postDataJSON());
      return route.fulfill({ status: 201, json: job });
    },
  });
  await page.goto('/jobs?create=job&target=group:plant');
  const dialog = page.getByRole('dialog', { name: 'Create a job' });
  const create = dialog.getByRole('button', { name: 'Create the job' });
  await dialog.getByLabel('Id', { exact: true }).fill('ota-7');
  await dialog.getByLabel('Document', { exact: true }).fill('{"operation": "update"}');
  await dialog.getByRole('button', { name: 'Growing rate' }).click();
  await expect(dialog.getByRole('alert')).toContainText('at which rate');
  await dialog.getByRole('button', { name: 'Stages' }).click();
  await dialog.getByRole('button', { name: 'Add a stage' }).click();
  await expect(dialog.getByRole('alert')).toContainText('how many of the targets');
  await dialog.getByRole('group', { name: 'Stage 2' }).getByLabel('Reaches').fill('50');
  await dialog.getByRole('group', { name: 'Stage 2' }).getByLabel('Pause').fill('60');
  await dialog.getByLabel('Advance gate').fill('select true');
  for (const [at, type, share] of [
    [1, 'FAILED', '5'],
    [2, 'ALL', '20'],
  ] as const) {
    await dialog.getByRole('button', { name: 'Add a criterion' }).click();
    const criterion = dialog.getByRole('group', { name: `Criterion ${at}` });
    await criterion.getByLabel('Executions that').selectOption(type);
    await criterion.getByLabel('Call it off at').fill(share);
    await criterion.getByLabel('Judged from').fill('10');
  }
  await dialog.getByText('Abort gate, time-out, retries and rollback').click();
  await dialog.getByLabel('Gates asked every').fill('5');
  await dialog.getByRole('button', { name: 'By reason' }).click();
  await dialog.getByLabel('After a failure').fill('2');
  await dialog.getByLabel('After a time-out').fill('1');
  await expect(dialog.getByRole('alert')).toContainText('how long a device may take');
  await expect(create).toBeDisabled();
  await dialog.getByLabel('Time-out', { exact: true }).fill('30');
  await expectAccessible(page);
  await create.click();
  await expect(page).toHaveURL(/\/jobs\/ota-7$/);
  const criterion = (failureType: string, thresholdPercentage: number) => ({
    failureType,
    action: 'CANCEL',
    thresholdPercentage,
    minNumberOfExecutedThings: 10,
  });
  expect(sent).toEqual([
    {
      jobId: 'ota-7',
      targets: ['group:plant'],
      document: { operation: 'update' },
      jobExecutionsRolloutConfig: {
        stages: [
          { name: 'canary', percentage: 10 },
          { name: 'stage-2', percentage: 50, soakMinutes: 60 },
          { name: 'all', percentage: 100 },
        ],
      },
      abortConfig: { criteriaList: [criterion('FAILED', 5), criterion('ALL', 20)] },
      jobExecutionsRetryConfig: {
        criteriaList: [
          { failureType: 'FAILED', numberOfRetries: 2 },
          { failureType: 'TIMED_OUT', numberOfRetries: 1 },
        ],
      },
      timeoutConfig: { inProgressTimeoutInMinutes: 30 },
      gates: { advance: 'select true', everySeconds: 5 },
    },
  ]);
});

test('a device shows how unlike its kind it was', async ({ page }) => {
  await mock(page);
  await page.goto('/devices/pump-1');
  const rows = page.getByRole('region', { name: 'Residuals of pump-1' }).getByRole('row');
  await expect(rows.filter({ hasText: 'room' })).toContainText('+3.4');
  await expect(rows.filter({ hasText: 'state' })).toContainText('heating (1)');
  await expect(rows.filter({ hasText: 'window_open' })).toContainText('false (0)');
});

test('a viewer is offered nothing to change', async ({ page }) => {
  await mock(page, { 'GET /v1/session': { body: session('viewer') } });
  for (const [path, text] of [
    ['/types', 'Kinds without a type'],
    ['/types/pump', 'pump-9'],
    ['/groups', 'TL-FLEET-019'],
    ['/groups/plant', 'by a part of it'],
    ['/artifacts', '1.4.0'],
    ['/artifacts/pump-firmware@1.4.0/about', 'acc_mia'],
  ] as const) {
    await page.goto(path);
    await page.getByText(text).first().waitFor();
    await expect(
      page.getByRole('main').getByRole('button', { name: /^(Create|Edit|Delete|Upload|Add|Take out)/ }),
    ).toHaveCount(0);
  }
});
