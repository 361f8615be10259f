import { expect, it } from 'vitest';
import { byFile, checkLink, policyLink } from './group';

it('puts the own files first and the built-in last', () => {
  const policy = (id: string, file: string, built_in = false) => ({
    id,
    file,
    built_in,
    text: '',
    annotations: {},
  });
  const files = byFile([
    policy('1', 'a.cedar', true),
    policy('2', 'b.cedar'),
    policy('3', 'a.cedar'),
    policy('4', 'b.cedar'),
  ]);
  expect(files.map(({ file, builtIn, policies }) => [file, builtIn, policies.map((one) => one.id)])).toEqual([
    ['a.cedar', false, ['3']],
    ['b.cedar', false, ['2', '4']],
    ['a.cedar', true, ['1']],
  ]);
});

it('gives every policy and question an address', () => {
  expect(policyLink('team a/1')).toBe('/policies#policy-team%20a%2F1');
  expect(checkLink({ as: 'mia@example.org', action: 'sql.read', resource: 'Table::"a&b"' })).toBe(
    '/policies?tab=check&as=mia%40example.org&action=sql.read&resource=Table%3A%3A%22a%26b%22',
  );
});
