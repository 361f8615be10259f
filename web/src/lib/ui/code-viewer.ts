import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import {
  Compartment,
  EditorState,
  RangeSetBuilder,
  StateEffect,
  StateField,
  type Text,
} from '@codemirror/state';
import {
  Decoration,
  EditorView,
  GutterMarker,
  ViewPlugin,
  drawSelection,
  gutter,
  lineNumbers,
  type DecorationSet,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { languageOf } from './code-language';

/** What stands beside lines: the first of them, how many, and a link with its text. */
export type Note = { line: number; lines: number; text: string; title: string; href: string };
export type Lines = { from: number; to: number };

export type CodeViewerHandle = {
  select(lines: Lines | null): void;
  setNotes(notes: Note[] | null): void;
  destroy(): void;
};

type Options = {
  text: string;
  /** The name of the file, by which its language is known. */
  name: string;
  label: string;
  /** Somebody chose a line by its number; with Shift, up to it. */
  onselect: (line: number, extend: boolean) => void;
};

const setLines = StateEffect.define<Lines | null>();
const chosen = Decoration.line({ class: 'cm-chosen' });

const chosenLines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks;
    for (const effect of transaction.effects) {
      if (effect.is(setLines))
        next = effect.value ? marksOf(transaction.state.doc, effect.value) : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function marksOf(text: Text, { from, to }: Lines): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (let line = from; line <= Math.min(to, text.lines); line++) {
    const { from: at } = text.line(line);
    builder.add(at, at, chosen);
  }
  return builder.finish();
}

class NoteMarker extends GutterMarker {
  constructor(
    readonly note: Note,
    readonly first: boolean,
  ) {
    super();
  }
  override eq(other: NoteMarker) {
    return other.note === this.note && other.first === this.first;
  }
  override toDOM() {
    if (!this.first) return document.createTextNode('');
    const anchor = document.createElement('a');
    anchor.href = this.note.href;
    anchor.title = this.note.title;
    anchor.textContent = this.note.text;
    return anchor;
  }
}

/** The column with the notes. CodeMirror hides columns from screen readers; these are links, so they must not be. */
function noteColumn(notes: Note[]) {
  const byLine = new Map<number, NoteMarker>();
  for (const note of notes) {
    for (let at = 0; at < note.lines; at++) byLine.set(note.line + at, new NoteMarker(note, at === 0));
  }
  const heard = (view: EditorView) => view.dom.querySelector('.cm-gutters')?.removeAttribute('aria-hidden');
  return [
    gutter({
      class: 'cm-notes',
      lineMarker: (view, line) => byLine.get(view.state.doc.lineAt(line.from).number) ?? null,
    }),
    ViewPlugin.define((view) => {
      heard(view);
      return { update: () => void heard(view) };
    }),
  ];
}

/** Shows a text in an element, to be read and copied but not changed. */
export function createCodeViewer(parent: HTMLElement, options: Options): CodeViewerHandle {
  const language = new Compartment();
  const notes = new Compartment();
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        notes.of([]),
        lineNumbers({
          domEventHandlers: {
            mousedown(view, line, event) {
              const { shiftKey } = event as MouseEvent;
              options.onselect(view.state.doc.lineAt(line.from).number, shiftKey);
              return true;
            },
          },
        }),
        drawSelection(),
        chosenLines,
        language.of([]),
        syntaxHighlighting(highlight),
        theme,
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        // What cannot be edited still scrolls, so it must be reachable by keyboard.
        EditorView.contentAttributes.of({
          'aria-label': options.label,
          'aria-readonly': 'true',
          tabindex: '0',
        }),
      ],
    }),
  });
  let gone = false;
  let chose = false;
  void languageOf(options.name).then(
    (found) => {
      if (found && !gone) view.dispatch({ effects: language.reconfigure(found) });
    },
    // Without its language it is shown plain.
    () => undefined,
  );
  return {
    select(lines) {
      const shown = lines && lines.from <= view.state.doc.lines ? lines : null;
      const effects: StateEffect<unknown>[] = [setLines.of(shown)];
      if (shown) {
        // A link leads to the middle; whoever chooses another line has it in sight already.
        const how = chose ? ({ y: 'nearest', yMargin: 80 } as const) : ({ y: 'center' } as const);
        effects.push(EditorView.scrollIntoView(view.state.doc.line(shown.from).from, how));
        chose = true;
      }
      view.dispatch({ effects });
    },
    setNotes(list) {
      view.dispatch({ effects: notes.reconfigure(list ? noteColumn(list) : []) });
      if (!list) view.dom.querySelector('.cm-gutters')?.setAttribute('aria-hidden', 'true');
    },
    destroy() {
      gone = true;
      view.destroy();
    },
  };
}

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--accent)', fontWeight: '500' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.attributeValue], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--warn)' },
  { tag: [tags.lineComment, tags.blockComment, tags.comment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.className, tags.tagName, tags.standard(tags.name)], color: 'var(--series-3)' },
  {
    tag: [tags.propertyName, tags.attributeName, tags.definition(tags.propertyName)],
    color: 'var(--series-4)',
  },
  { tag: tags.heading, fontWeight: '600' },
]);

const theme = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content:focus-visible': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.25rem', overflow: 'auto' },
  '.cm-content': { padding: '0.5rem 0' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { cursor: 'pointer', minWidth: '2.5rem' },
  '.cm-lineNumbers .cm-gutterElement:hover': { color: 'var(--text)' },
  '.cm-chosen': { backgroundColor: 'var(--tint)' },
  '.cm-notes': { width: 'min(20rem, 38vw)', borderRight: '1px solid var(--line)' },
  '.cm-notes .cm-gutterElement': {
    padding: '0 0.5rem',
    overflow: 'hidden',
    whiteSpace: 'nowrap',
    textOverflow: 'ellipsis',
    fontFamily: 'var(--font-sans)',
    fontSize: '0.75rem',
  },
  '.cm-notes a:hover, .cm-notes a:focus-visible': { color: 'var(--text)', textDecoration: 'underline' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--raised)',
  },
});
