import { expect, it } from 'vitest';
import { bySeverity, documentText, statusText } from './changes';

it('puts the worst first and leaves out what is empty', () => {
  const change = (severity: 'breaking' | 'warning' | 'info', rule: string) => ({
    severity,
    rule,
    operation: '',
    place: '',
    text: '',
  });
  const groups = bySeverity([change('info', 'a'), change('breaking', 'b'), change('info', 'c')]);
  expect(groups.map((group) => [group.severity, group.changes.map((one) => one.rule)])).toEqual([
    ['breaking', ['b']],
    ['info', ['a', 'c']],
  ]);
  expect(bySeverity([])).toEqual([]);
});

it('writes statuses in each shape', () => {
  expect(statusText([200, 404])).toBe('200, 404');
  expect(statusText({ 200: 12, 404: 3 })).toBe('200 ×12, 404 ×3');
  expect(statusText(null)).toBe('');
});

it('leaves a document that is text as it is', () => {
  expect(documentText('openapi: 3.1.0\n')).toBe('openapi: 3.1.0\n');
  expect(documentText({ openapi: '3.1.0' })).toBe('{\n  "openapi": "3.1.0"\n}');
});
