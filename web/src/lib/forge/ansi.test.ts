import { expect, it } from 'vitest';
import { LogLines, spansOf } from './ansi';

const escape = '\u001b';

it('shows colours', () => {
  expect(spansOf(`${escape}[1;31mred${escape}[0m plain`).spans).toEqual([
    { text: 'red', tone: 'danger', bold: true },
    { text: ' plain' },
  ]);
  expect(spansOf(`${escape}[92mgood${escape}[39m, ${escape}[90mquiet${escape}[m.`).spans).toEqual([
    { text: 'good', tone: 'ok' },
    { text: ', ' },
    { text: 'quiet', tone: 'muted' },
    { text: '.' },
  ]);
});

it('finds the nearest of many colours and leaves grounds alone', () => {
  expect(spansOf(`${escape}[38;5;196mred`).spans).toEqual([{ text: 'red', tone: 'danger' }]);
  expect(spansOf(`${escape}[38;5;21mblue`).spans).toEqual([{ text: 'blue', tone: 'accent' }]);
  expect(spansOf(`${escape}[48;5;196;1mbold`).spans).toEqual([{ text: 'bold', bold: true }]);
  expect(spansOf(`${escape}[38;2;255;0;0;4munder`).spans).toEqual([{ text: 'under', underline: true }]);
});

it('shows nothing of other escapes, and text as it is', () => {
  expect(spansOf(`${escape}[2K${escape}]0;title\u0007<b>&amp;${escape}[?25l\u0007`).spans).toEqual([
    { text: '<b>&amp;' },
  ]);
});

it('shows what a line ended as when it was written anew', () => {
  expect(spansOf('10 %\r50 %\r100 %\r').spans).toEqual([{ text: '100 %' }]);
  expect(spansOf(`${escape}[31m10 %\r20 %`).spans).toEqual([{ text: '20 %', tone: 'danger' }]);
});

it('takes a log in pieces that end anywhere', () => {
  const log = new LogLines();
  log.push(`one\n${escape}[3`);
  log.push(`2mtwo\nthr`);
  expect(log.all()).toEqual([
    [{ text: 'one' }],
    [{ text: 'two', tone: 'ok' }],
    [{ text: 'thr', tone: 'ok' }],
  ]);
  log.push('ee\n');
  expect(log.all().at(-1)).toEqual([{ text: 'three', tone: 'ok' }]);
  expect(log.all()).toHaveLength(3);
});
