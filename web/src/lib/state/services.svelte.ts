import { services as api } from '$lib/api/services';

/** The names of the services, for the palette. */
class ServiceNames {
  list = $state.raw<string[]>([]);

  /** Asks the server. Whoever may see none, or meets a server that does not answer, keeps what was there. */
  load = async (): Promise<void> => {
    try {
      this.list = (await api.list()).map((one) => one.name);
    } catch {
      // The page of the services says what is wrong; the palette offers what it has.
    }
  };
}

export const serviceNames = new ServiceNames();
