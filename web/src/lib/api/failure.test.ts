import { expect, it } from 'vitest';
import { failureFrom, positionIn, toFailure } from './failure';

it('reads problem details', () => {
  const failure = failureFrom(400, {
    type: '/errors/TL-LAKE-002',
    title: 'The statement is wrong',
    status: 400,
    code: 'TL-LAKE-002',
    detail: 'Expected: an expression, found: FROM at Line: 2, Column: 8',
    hint: 'Look at the place.',
    request_id: 'req_1',
  });
  expect(failure).toMatchObject({ code: 'TL-LAKE-002', hint: 'Look at the place.', requestId: 'req_1' });
  expect(failure.position).toEqual({ line: 2, column: 8 });
});

it('finds no place where none is named', () => {
  expect(positionIn('no such table')).toBeNull();
  expect(positionIn('Line: 0, Column: 0')).toBeNull();
});

it('explains an answer that is no problem document, and no answer', () => {
  expect(failureFrom(500, '<html>').title).toBe('The server answered 500');
  expect(failureFrom(502, null).unreachable).toBe(true);
  expect(toFailure(new TypeError('Failed to fetch')).unreachable).toBe(true);
  expect(toFailure('odd').message).toBe('odd');
});
