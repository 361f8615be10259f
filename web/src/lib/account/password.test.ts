import { expect, it } from 'vitest';
import { strengthOf } from './password';

it('asks for length before all', () => {
  expect(strengthOf('')).toEqual({ level: 0, text: '' });
  expect(strengthOf('Tr0ub4d&')).toMatchObject({
    level: 0,
    text: expect.stringContaining('4 more') as string,
  });
  expect(strengthOf('x'.repeat(257)).level).toBe(0);
});

it('tells what is easy to guess', () => {
  expect(strengthOf('aaaaaaaaaaaaaaaaaaaa').level).toBe(1);
  expect(strengthOf('abcdefghijkl').level).toBe(1);
  expect(strengthOf('zyxwvutsrqpo').level).toBe(1);
  expect(strengthOf('i-am-Mia-Example', ['mia example', 'mia-example']).level).toBe(1);
});

it('is content with a long phrase', () => {
  expect(strengthOf('river coat lamp seven').level).toBe(3);
  expect(strengthOf('correct horse').level).toBe(2);
});
