import { expect, it } from 'vitest';
import { auditLink, auditQuery, readFilter } from './filter';

const read = (query: string) => readFilter(new URLSearchParams(query));

it('reads back what it writes', () => {
  for (const filter of [
    { who: '', action: '', allowed: 'all' as const, hours: 24 },
    { who: 'mia', action: 'sql.', allowed: 'no' as const, hours: 168 },
    { who: 'a&b', action: '', allowed: 'yes' as const, hours: null },
  ]) {
    expect(read(auditLink(filter).split('?')[1] ?? '')).toEqual(filter);
  }
  expect(auditLink({})).toBe('/audit');
});

it('falls back where it does not understand', () => {
  expect(read('allowed=perhaps&hours=-3')).toEqual({ who: '', action: '', allowed: 'all', hours: 24 });
});

it('quotes what people type', () => {
  const query = auditQuery({ who: "o'neil_50%", action: "x' OR '1'='1", allowed: 'no', hours: null });
  expect(query).toContain(`who = 'o''neil_50%'`);
  expect(query).toContain(`ILIKE '%o''neil\\_50\\%%'`);
  expect(query).toContain(`action LIKE 'x'' OR ''1''=''1%'`);
  expect(query).toContain('NOT allowed');
  expect(query).not.toContain('INTERVAL');
});

it('asks for everything of a time', () => {
  expect(auditQuery({ who: '', action: '', allowed: 'all', hours: 24 })).toBe(
    `SELECT time, who, who_name, role, action, resource, allowed, reason, policies, client
FROM audit
WHERE time > now() - INTERVAL '24 hours'
ORDER BY time DESC`,
  );
});
