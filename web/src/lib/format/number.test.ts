import { expect, it } from 'vitest';
import { formatBytes, formatCount, formatRate, formatShort, plural } from './number';

it('groups thousands', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(formatCount(-1_000)).toBe('-1,000');
  expect(formatCount(999)).toBe('999');
});

it('writes bytes in binary units', () => {
  expect(formatBytes(1023)).toBe('1023 B');
  expect(formatBytes(1024)).toBe('1 KiB');
  expect(formatBytes(1_572_864)).toBe('1.5 MiB');
  expect(formatBytes(200 * 1024 ** 3)).toBe('200 GiB');
});

it('shortens numbers without losing small ones', () => {
  expect(formatShort(0)).toBe('0');
  expect(formatShort(0.00123)).toBe('0.0012');
  expect(formatShort(9_999)).toBe('9999');
  expect(formatShort(12_345)).toBe('12.3k');
  expect(formatShort(4_500_000)).toBe('4.5M');
  expect(formatShort(100_000)).toBe('100k');
});

it('writes rates and plurals', () => {
  expect(formatRate(12.34)).toBe('12.3/s');
  expect(plural(1, 'row')).toBe('1 row');
  expect(plural(0, 'row')).toBe('0 rows');
});
