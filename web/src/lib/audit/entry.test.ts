import { expect, it } from 'vitest';
import { policyIds } from './entry';

it('reads the policies of an entry in each shape', () => {
  expect(policyIds(['a', 'b'])).toEqual(['a', 'b']);
  expect(policyIds('["a","b"]')).toEqual(['a', 'b']);
  expect(policyIds('a, b')).toEqual(['a', 'b']);
  expect(policyIds('')).toEqual([]);
  expect(policyIds(null)).toEqual([]);
  expect(policyIds('[broken')).toEqual([]);
});
