import type { Policy } from '$lib/api/policies';

export type PolicyFile = { file: string; builtIn: boolean; policies: Policy[] };

/** The policies by file: the team's own files first, by name, and what is built in last. */
export function byFile(policies: Policy[]): PolicyFile[] {
  const files = new Map<string, PolicyFile>();
  for (const policy of policies) {
    const key = `${policy.built_in}\0${policy.file}`;
    const found = files.get(key);
    if (found) found.policies.push(policy);
    else files.set(key, { file: policy.file, builtIn: policy.built_in, policies: [policy] });
  }
  return [...files.values()].sort(
    (a, b) => Number(a.builtIn) - Number(b.builtIn) || a.file.localeCompare(b.file),
  );
}

/** The link to one policy. */
export function policyLink(id: string): string {
  return `/policies#${encodeURIComponent(`policy-${id}`)}`;
}

/** The link to an answered question. */
export function checkLink(question: { as: string; action: string; resource: string }): string {
  return `/policies?${new URLSearchParams({ tab: 'check', ...question })}`;
}
