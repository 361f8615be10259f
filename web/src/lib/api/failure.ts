import type { Problem } from './types';

/** What went wrong with a request, as the console shows it: always a sentence, a code and a hint where there are some. */
export class Failure extends Error {
  readonly code: string | null;
  readonly status: number;
  readonly title: string;
  readonly hint: string | null;
  readonly requestId: string | null;
  readonly position: Position | null;

  constructor(
    title: string,
    detail: string,
    more: { status?: number; code?: string | null; hint?: string | null; requestId?: string | null } = {},
  ) {
    super(detail);
    this.name = 'Failure';
    this.title = title;
    this.status = more.status ?? 0;
    this.code = more.code ?? null;
    this.hint = more.hint ?? null;
    this.requestId = more.requestId ?? null;
    this.position = positionIn(detail);
  }

  /** Whether no server answered at all. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** A place in a statement; line and column begin at 1. */
export type Position = { line: number; column: number };

/** Finds the place that the SQL parser or planner names in its message. */
export function positionIn(detail: string): Position | null {
  const match = /line:? (\d+),? column:? (\d+)/i.exec(detail);
  if (!match) return null;
  const [line, column] = [Number(match[1]), Number(match[2])];
  return line > 0 && column > 0 ? { line, column } : null;
}

/** Turns the body of a refused request into a failure. */
export function failureFrom(status: number, body: unknown): Failure {
  if (isProblem(body)) {
    return new Failure(body.title, body.detail || body.title, {
      status,
      code: body.code,
      hint: body.hint ?? null,
      requestId: body.request_id ?? null,
    });
  }
  if (status === 502 || status === 504) return unreachable();
  const text =
    typeof body === 'string' && body.length > 0 ? body.slice(0, 500) : 'The answer has no explanation.';
  return new Failure(`The server answered ${status}`, text, { status });
}

/** The failure of a request to which nobody answered. */
export function unreachable(): Failure {
  return new Failure(
    'Trunkline does not answer',
    'The console could not reach the server that it came from.',
    {
      hint: 'Check that `trunkline up` is running and that this computer can reach it, then try again.',
    },
  );
}

/** Whether the caller ended the request. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Makes a failure of whatever was thrown. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof TypeError) return unreachable();
  return new Failure(
    'Something went wrong in the console',
    error instanceof Error ? error.message : String(error),
  );
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'title' in body && 'code' in body;
}
