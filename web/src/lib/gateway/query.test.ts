import { expect, it } from 'vitest';
import { courseQuery, recentQuery } from './query';

it('quotes the name of the route', () => {
  expect(recentQuery("o'rders")).toContain(`WHERE route = 'o''rders'\n`);
  expect(recentQuery('a', true)).toContain(`refusal <> ''`);
  expect(courseQuery("o'rders", 1)).toContain(`route = 'o''rders'`);
});

it('draws longer times coarser', () => {
  expect(courseQuery('a', 1)).toContain(`INTERVAL '1 minute'`);
  expect(courseQuery('a', 24)).toContain(`INTERVAL '15 minutes'`);
  expect(courseQuery('a', 24)).toContain(`INTERVAL '24 hours'`);
});
