import { expect, it } from 'vitest';
import { piecesOf } from './reason';

const nameOf = (id: string) => (id === 'tok_01M8EWYQF1GFTCAP37PF8PMAW5' ? 'Ada' : id);

it('names people and sets code apart', () => {
  expect(piecesOf('tok_01M8EWYQF1GFTCAP37PF8PMAW5 holds it', nameOf)).toEqual([
    { text: 'Ada holds it', code: false },
  ]);
  expect(piecesOf('worse by the rule `errors`: 1 of 2', nameOf)).toEqual([
    { text: 'worse by the rule ', code: false },
    { text: 'errors', code: true },
    { text: ': 1 of 2', code: false },
  ]);
  expect(piecesOf('', nameOf)).toEqual([]);
});
