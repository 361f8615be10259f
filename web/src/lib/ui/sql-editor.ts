import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { SQLDialect, sql } from '@codemirror/lang-sql';
import { HighlightStyle, bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  drawSelection,
  keymap,
  lineNumbers,
  placeholder,
  tooltips,
  type DecorationSet,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Position } from '$lib/api/failure';
import { catalogueSource, wordSource, type KnownTable } from '$lib/explore/completion';
import { FUNCTIONS, KEYWORDS, TYPES } from '$lib/explore/vocabulary';

export type SqlEditorHandle = {
  setText(text: string): void;
  mark(position: Position | null): void;
  goTo(position: Position): void;
  focus(): void;
  destroy(): void;
};

type Options = {
  text: string;
  tables: () => KnownTable[];
  onchange: (text: string) => void;
  onrun: () => void;
};

const dialect = SQLDialect.define({
  keywords: KEYWORDS.join(' '),
  types: TYPES.join(' '),
  builtin: FUNCTIONS.join(' '),
  operatorChars: '+-*/<>=~!@#%^&|`?',
  doubleDollarQuotedStrings: true,
});

const setMark = StateEffect.define<Position | null>();

/** Underlines the place of an error until the text changes. */
const errorMark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (!effect.is(setMark)) continue;
      const range = effect.value && rangeAt(transaction.state, effect.value);
      next = range
        ? Decoration.set([Decoration.mark({ class: 'cm-error' }).range(range.from, range.to)])
        : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Makes the SQL editor inside an element. */
export function createSqlEditor(parent: HTMLElement, options: Options): SqlEditorHandle {
  const run = () => {
    options.onrun();
    return true;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        EditorView.lineWrapping,
        sql({ dialect }),
        autocompletion({
          override: [catalogueSource(options.tables), wordSource],
          icons: false,
        }),
        // Esc, then Tab leaves the editor, as CodeMirror has it; the help dialog says so.
        keymap.of([
          { key: 'Tab', run: acceptCompletion },
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...historyKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        placeholder('SELECT …'),
        tooltips({ position: 'fixed' }),
        errorMark,
        syntaxHighlighting(highlight),
        theme,
        EditorView.contentAttributes.of({ 'aria-label': 'SQL statement', spellcheck: 'false' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onchange(update.state.doc.toString());
        }),
      ],
    }),
  });
  const select = (position: Position) => {
    const range = rangeAt(view.state, position);
    if (!range) return;
    view.dispatch({ selection: { anchor: range.from, head: range.to }, scrollIntoView: true });
    view.focus();
  };
  return {
    setText(text) {
      if (text === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    mark: (position) => view.dispatch({ effects: setMark.of(position) }),
    goTo: select,
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

/** The word at a place, or one character. */
function rangeAt(state: EditorState, { line, column }: Position): { from: number; to: number } | null {
  if (line > state.doc.lines) return null;
  const { from, to } = state.doc.line(line);
  const at = Math.min(from + column - 1, to);
  const word = state.wordAt(at);
  if (word && !word.empty) return { from: word.from, to: word.to };
  const end = Math.min(at + 1, state.doc.length);
  return end > at ? { from: at, to: end } : at > 0 ? { from: at - 1, to: at } : null;
}

const highlight = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '500' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.standard(tags.name), color: 'var(--series-3)' },
  { tag: tags.typeName, color: 'var(--series-3)' },
]);

const theme = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)', minHeight: '9rem', maxHeight: '40vh' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px', borderRadius: '0.5rem' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.25rem', overflow: 'auto' },
  '.cm-content': { padding: '0.5rem 0', caretColor: 'var(--text)', minHeight: '9rem' },
  '.cm-gutters': {
    backgroundColor: 'transparent',
    color: 'var(--muted)',
    border: 'none',
    paddingLeft: '0.25rem',
  },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--tint)',
  },
  '.cm-placeholder': { color: 'var(--muted)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--raised)', outline: '1px solid var(--edge)' },
  '.cm-error': { textDecoration: 'underline wavy var(--danger)', backgroundColor: 'var(--raised)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '0.5rem',
    boxShadow: 'var(--shadow)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--font-mono)',
    fontSize: '0.75rem',
    maxHeight: '16rem',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.125rem 0.5rem', lineHeight: '1.25rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--tint)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal', marginLeft: '0.75rem' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600', color: 'var(--accent)' },
  '.cm-completionInfo': {
    fontFamily: 'var(--font-sans)',
    fontSize: '0.75rem',
    padding: '0.25rem 0.5rem',
    maxWidth: '18rem',
  },
});
