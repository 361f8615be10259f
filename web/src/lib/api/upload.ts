import { connection } from '$lib/state/connection.svelte';
import { askToSignIn } from './client';
import { failureFrom, unreachable } from './failure';

export type UploadOptions = {
  /** Hears how many bytes are sent, of how many. */
  onprogress: (sent: number, whole: number) => void;
  signal: AbortSignal;
};

/** Sends a file as it is. `fetch` does not tell how far it is, so this is the one place with an older kind of request. */
export function upload<T>(path: string, file: Blob, { onprogress, signal }: UploadOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const aborted = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    if (signal.aborted) {
      aborted();
      return;
    }
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.upload.onprogress = (event) => onprogress(event.loaded, event.total);
    request.onload = () => {
      connection.answered();
      const { status } = request;
      if (status === 401) void askToSignIn();
      const body = parsed(request.responseText);
      if (status >= 200 && status < 300) resolve(body as T);
      else reject(failureFrom(status, body));
    };
    request.onerror = () => {
      connection.failed();
      reject(unreachable());
    };
    request.onabort = aborted;
    request.open('PUT', path);
    request.setRequestHeader('content-type', file.type || 'application/octet-stream');
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
