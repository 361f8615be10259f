import { expect, it } from 'vitest';
import { browserOf } from './client';

it('names browser and system', () => {
  const linux =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
  expect(browserOf(linux)).toBe('Chrome 141 on Linux');
  expect(browserOf(`${linux} Edg/141.0.0.0`)).toBe('Edge 141 on Linux');
  expect(
    browserOf(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    ),
  ).toBe('Safari 18 on iOS');
  expect(browserOf('Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe(
    'Firefox 140 on Windows',
  );
});

it('leaves what it does not know', () => {
  expect(browserOf('curl/8.9')).toBe('curl/8.9');
  expect(browserOf('')).toBe('unknown');
  expect(browserOf('x'.repeat(80))).toHaveLength(48);
});
