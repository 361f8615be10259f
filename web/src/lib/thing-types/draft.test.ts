import { expect, it } from 'vitest';
import { draftOf, newType, NO_TYPE, readSchema, schemaText } from './draft';
import { readTypesView, typeLink, typesLink } from './view';

it('writes what was typed, and no schema where none was', () => {
  expect(newType(NO_TYPE)).toEqual({
    description: '',
    attributes: null,
    reported: null,
    shadow_bytes: null,
  });
  const draft = { description: ' It pumps ', attributes: '{"type": "object"}', reported: '', kibibytes: 16 };
  expect(newType(draft)).toEqual({
    description: 'It pumps',
    attributes: { type: 'object' },
    reported: null,
    shadow_bytes: 16_384,
  });
  expect(newType({ ...NO_TYPE, reported: '{' })).toBeNull();
});

it('edits a type without changing what is not touched', () => {
  const type = {
    name: 'pump',
    description: 'It pumps',
    attributes: { type: 'object', required: ['site'] },
    reported: null,
    shadow_bytes: 8_192,
    changed: '2026-01-01T00:00:00Z',
  };
  const { name: _name, changed: _changed, ...rest } = type;
  expect(newType(draftOf(type))).toEqual(rest);
});

it('takes only objects as schemas', () => {
  expect(readSchema('  ')).toEqual({ value: null, mistake: null });
  expect(readSchema('true').mistake).not.toBeNull();
  expect(readSchema('{"a": 1').mistake).toContain('not JSON');
});

it('says how much a schema asks for', () => {
  expect(schemaText(null)).toBe('anything');
  expect(schemaText({ required: ['a'] })).toBe('a schema');
  expect(schemaText({ properties: { a: {} } })).toBe('1 property');
  expect(schemaText({ properties: { a: {}, b: {} } })).toBe('2 properties');
});

it('has addresses for types', () => {
  expect(typeLink('pump:a')).toBe('/types/pump%3Aa');
  expect(typesLink()).toBe('/types');
  expect(typesLink({ create: true, name: 'pump' })).toBe('/types?create=type&name=pump');
  expect(readTypesView(new URLSearchParams('create=type&name=pump'))).toEqual({ create: true, name: 'pump' });
});
