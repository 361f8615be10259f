import { repositories } from '$lib/api/forge';
import type { Service } from '$lib/api/services';
import { planOf, type Plan } from './track';

/** The plan of a release, from the `service.toml` of its commit: what is ahead of it, no answer of the API tells. */
export class PlanOfRelease {
  value = $state.raw<Plan | null>(null);
  #commit = '';

  /** Asks once for each commit. Whoever may not read the repository sees only the steps that are known. */
  load = async ({ repository, folder }: Service, commit: string): Promise<void> => {
    if (commit === this.#commit) return;
    this.#commit = commit;
    this.value = null;
    try {
      const path = folder ? `${folder}/service.toml` : 'service.toml';
      const file = await repositories.file(repository, commit, path);
      if (commit === this.#commit) this.value = planOf(file.text ?? '');
    } catch {
      // Nothing that could be done about it, and all else on the page holds without it.
    }
  };
}
