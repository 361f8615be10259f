import { expect, it } from 'vitest';
import { jobLink, jobsLink, readJobsView, readJobView } from './view';

it('has addresses for what it shows', () => {
  expect(jobsLink({})).toBe('/jobs');
  expect(jobsLink({ status: 'IN_PROGRESS', after: 'a/1', target: 'x' })).toBe(
    '/jobs?status=IN_PROGRESS&after=a%2F1',
  );
  expect(jobsLink({ create: true, target: 'pump-7' })).toBe('/jobs?create=job&target=pump-7');
  expect(jobLink('ota-7', { status: 'FAILED' })).toBe('/jobs/ota-7?status=FAILED');
});

it('reads addresses, and takes nothing that it does not know', () => {
  const of = (query: string) => new URLSearchParams(query);
  expect(readJobsView(of('status=CANCELED&create=job&target=a'))).toEqual({
    status: 'CANCELED',
    after: '',
    create: true,
    target: 'a',
  });
  expect(readJobsView(of('status=FAILED')).status).toBeNull();
  expect(readJobView(of('status=FAILED&after=a/2'))).toEqual({ status: 'FAILED', after: 'a/2' });
  expect(readJobView(of('status=SCHEDULED')).status).toBeNull();
});
