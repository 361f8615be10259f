import { CompletionContext } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { wordSource, catalogueSource, insideText, tableOf, type KnownTable } from './completion';

const known: KnownTable[] = [
  {
    name: 'logs',
    columns: [
      { name: 'offset', type: 'integer' },
      { name: 'severity', type: 'string', comment: 'Trace to fatal.' },
    ],
  },
  { name: 'spans', columns: [{ name: 'duration_us', type: 'integer' }] },
];

/** The labels offered where `|` stands. */
function offered(text: string, explicit = false): string[] {
  const place = text.indexOf('|');
  const state = EditorState.create({ doc: text.replace('|', '') });
  const result = catalogueSource(() => known)(new CompletionContext(state, place, explicit));
  return result?.options.map((option) => option.label) ?? [];
}

describe('completion', () => {
  it('knows columns before FROM is written', () => {
    expect(offered('SELECT sev|')).toContain('severity');
    expect(offered('SELECT sev|')).toContain('duration_us');
  });

  it('offers only the columns of tables that the statement names', () => {
    const labels = offered('SELECT sev| FROM logs');
    expect(labels).toContain('severity');
    expect(labels).not.toContain('duration_us');
  });

  it('offers tables after FROM and JOIN', () => {
    expect(offered('SELECT 1 FROM l|')).toEqual(['logs', 'spans']);
    expect(offered('SELECT 1 FROM logs JOIN |', true)).toEqual(['logs', 'spans']);
  });

  it('follows an alias', () => {
    expect(offered('SELECT l.s| FROM logs AS l JOIN spans s ON true')).toEqual(['offset', 'severity']);
    expect(tableOf('s', 'FROM logs l JOIN spans s ON true')).toBe('spans');
    expect(tableOf('logs', 'FROM logs')).toBe('logs');
  });

  it('is quiet in text, in comments and without a word', () => {
    expect(offered("SELECT 'sev|'")).toEqual([]);
    expect(offered('SELECT 1 -- sev|')).toEqual([]);
    expect(offered('SELECT |')).toEqual([]);
    expect(insideText("SELECT 'it''s' ")).toBe(false);
  });

  it('offers the words of this SQL where a word can stand', () => {
    const words = (text: string) => {
      const state = EditorState.create({ doc: text });
      return (
        wordSource(new CompletionContext(state, text.length, false))?.options.map((option) => option.label) ??
        []
      );
    };
    expect(words('SELECT date_')).toContain('date_trunc');
    expect(words('SEL')).toContain('SELECT');
    expect(words('SELECT 1 FROM l')).toEqual([]);
    expect(words('SELECT l.s')).toEqual([]);
    expect(words("SELECT 'se")).toEqual([]);
  });

  it('quotes names that SQL reserves', () => {
    const state = EditorState.create({ doc: 'SELECT off FROM logs' });
    const result = catalogueSource(() => known)(new CompletionContext(state, 10, false));
    expect(result?.options.find((option) => option.label === 'offset')?.apply).toBe('"offset"');
  });
});
