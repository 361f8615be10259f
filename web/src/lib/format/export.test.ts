import { expect, it } from 'vitest';
import { shellQuote, sqlCurl } from './command';
import { toCsv, toJson } from './export';

const columns = [{ name: 'id' }, { name: 'a "b", c' }];

it('quotes what RFC 4180 wants quoted', () => {
  expect(
    toCsv(columns, [
      ['plain', 'with "quotes"'],
      ['two\nlines', 'comma, too'],
    ]),
  ).toBe('id,"a ""b"", c"\r\nplain,"with ""quotes"""\r\n"two\nlines","comma, too"\r\n');
});

it('keeps NULL and the empty string apart', () => {
  expect(toCsv(columns, [[null, '']])).toBe('id,"a ""b"", c"\r\n,""\r\n');
});

it('writes nested values as JSON in a field', () => {
  expect(toCsv([{ name: 'data' }], [[{ a: [1, 'x'] }], [true], [1.5]])).toBe(
    'data\r\n"{""a"":[1,""x""]}"\r\ntrue\r\n1.5\r\n',
  );
});

it('keeps long integers, which come as text, as text', () => {
  expect(JSON.parse(toJson(columns, [['9007199254740993', null]]))).toEqual([
    { id: '9007199254740993', 'a "b", c': null },
  ]);
});

it('quotes for a shell', () => {
  expect(shellQuote("it's")).toBe(`'it'\\''s'`);
  const line = sqlCurl('http://h:1', "SELECT 'a'\nFROM t", 10);
  expect(line).toContain(`'{"query":"SELECT '\\''a'\\''\\nFROM t","limit":10}'`);
  expect(line).toContain('$TRUNKLINE_TOKEN');
});
