import type { HandleClientError } from '@sveltejs/kit';
import { Failure } from '$lib/api/failure';

/** Brings code, hint and request id of a failed load to the error page. */
export const handleError: HandleClientError = ({ error, status, message }) => {
  if (error instanceof Failure) {
    return {
      message: `${error.title}. ${error.message}`,
      code: error.code ?? undefined,
      hint: error.hint ?? undefined,
      requestId: error.requestId ?? undefined,
    };
  }
  if (status !== 404) console.error(error);
  return { message };
};
