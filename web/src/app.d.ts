declare global {
  namespace App {
    interface Error {
      message: string;
      /** The error code of the server, where there is one. */
      code?: string;
      hint?: string;
      requestId?: string;
    }
  }
}

export {};
