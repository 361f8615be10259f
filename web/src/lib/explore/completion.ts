import type { CompletionContext, CompletionResult, Completion } from '@codemirror/autocomplete';
import { identifier } from './identifier';
import { FUNCTIONS, KEYWORDS, TYPES } from './vocabulary';

/** What completion needs to know of a table. */
export type KnownTable = { name: string; columns: { name: string; type: string; comment?: string | null }[] };

/** The tables that a statement names after FROM or JOIN, as far as they are known. */
export function tablesIn(statement: string, known: KnownTable[]): KnownTable[] {
  const names = [...statement.matchAll(/\b(?:from|join)\s+"?([A-Za-z_][\w.]*)"?/gi)].map((match) =>
    match[1]!.toLowerCase(),
  );
  return known.filter((table) => names.includes(table.name.toLowerCase()));
}

/**
 * Offers the columns of the catalogue. `lang-sql` knows columns only behind a table's name, but people write SELECT before
 * FROM: so the columns of the tables named anywhere in the statement come first, and without FROM those of all tables.
 */
export function columnOptions(statement: string, known: KnownTable[]): Completion[] {
  const named = tablesIn(statement, known);
  const tables = named.length > 0 ? named : known;
  const byName = new Map<string, { types: Set<string>; tables: string[]; comment: string | null }>();
  for (const table of tables) {
    for (const column of table.columns) {
      const entry = byName.get(column.name) ?? {
        types: new Set(),
        tables: [],
        comment: column.comment ?? null,
      };
      entry.types.add(column.type);
      entry.tables.push(table.name);
      byName.set(column.name, entry);
    }
  }
  return [...byName].map(([name, entry]) => ({
    label: name,
    apply: identifier(name),
    type: 'property',
    detail: `${[...entry.types].join('|')} · ${some(entry.tables)}`,
    info: entry.comment ?? undefined,
    boost: named.length > 0 ? 20 : 5,
  }));
}

/** Offers the tables. */
export function tableOptions(known: KnownTable[]): Completion[] {
  return known.map((table) => ({
    label: table.name,
    apply: identifier(table.name),
    type: 'class',
    detail: 'table',
    boost: 10,
  }));
}

/** The completion source; `known` is asked each time, so that a new table is offered without a reload. */
export function catalogueSource(known: () => KnownTable[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[A-Za-z_][\w]*/);
    if (!word && !context.explicit) return null;
    const before = context.state.sliceDoc(0, word?.from ?? context.pos);
    if (insideText(before)) return null;
    const all = context.state.doc.toString();
    const after = /\b(?:from|join|describe|table)\s+$/i.test(before);
    const qualifier = /([A-Za-z_]\w*)\.$/.exec(before)?.[1];
    let options: Completion[];
    if (after) options = tableOptions(known());
    else if (qualifier) options = columnOptions(`FROM ${tableOf(qualifier, all)}`, known());
    else options = [...columnOptions(all, known()), ...tableOptions(known())];
    return options.length > 0 ? { from: word?.from ?? context.pos, options, validFor: /^\w*$/ } : null;
  };
}

const WORDS: Completion[] = [
  ...KEYWORDS.map((word) => ({ label: word.toUpperCase(), type: 'keyword', boost: -1 })),
  ...TYPES.map((word) => ({ label: word.toUpperCase(), type: 'type', detail: 'type', boost: -3 })),
  ...FUNCTIONS.map((name) => ({
    label: name,
    type: 'function',
    detail: 'function',
    apply: `${name}(`,
    boost: -2,
  })),
];

/** Offers keywords, types and functions. */
export function wordSource(context: CompletionContext): CompletionResult | null {
  const word = context.matchBefore(/[A-Za-z_]\w*/);
  if (!word) return null;
  const before = context.state.sliceDoc(0, word.from);
  // Behind a dot only a column can follow, behind FROM only a table.
  if (insideText(before) || /\.$/.test(before) || /\b(?:from|join)\s+$/i.test(before)) return null;
  return { from: word.from, options: WORDS, validFor: /^\w*$/ };
}

/** The table behind an alias, or the name itself. */
export function tableOf(qualifier: string, statement: string): string {
  const pattern = new RegExp(`\\b(?:from|join)\\s+"?([A-Za-z_]\\w*)"?\\s+(?:as\\s+)?${qualifier}\\b`, 'i');
  return pattern.exec(statement)?.[1] ?? qualifier;
}

/** Whether a position lies in a string or a comment. */
export function insideText(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const quotes = before.replaceAll("''", '').split("'").length - 1;
  return quotes % 2 === 1 || /--[^']*$/.test(line);
}

function some(names: string[]): string {
  return names.length <= 2 ? names.join(', ') : `${names.length} tables`;
}
