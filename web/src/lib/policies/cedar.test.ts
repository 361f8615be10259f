import { expect, it } from 'vitest';
import { cedarPieces, effectOf } from './cedar';

const TEXT = `// forbid nothing
@id("ship")
permit (principal in Role::"developer", action == Action::"service.deploy", resource)
when { resource.tier != "gold \\" one" };`;

it('loses no character', () => {
  for (const text of [TEXT, '', 'permit(', '"open', '@', 'permit\n\n  ☂ "x"']) {
    expect(
      cedarPieces(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  }
});

it('tells words, strings, types and comments apart', () => {
  const of = (kind: string) =>
    cedarPieces(TEXT)
      .filter((piece) => piece.kind === kind)
      .map((piece) => piece.text);
  expect(of('comment')).toEqual(['// forbid nothing']);
  expect(of('annotation')).toEqual(['@id']);
  expect(of('effect')).toEqual(['permit']);
  expect(of('type')).toEqual(['Role', 'Action']);
  expect(of('string')).toEqual(['"ship"', '"developer"', '"service.deploy"', '"gold \\" one"']);
  expect(of('keyword')).toContain('when');
});

it('reads the effect past comments and annotations', () => {
  expect(effectOf(TEXT)).toBe('permit');
  expect(effectOf('forbid (principal, action, resource);')).toBe('forbid');
  expect(effectOf('@id("permit")')).toBeNull();
});
