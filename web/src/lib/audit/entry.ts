/** The ids in an entry's `policies`: a list, a JSON list, or names between commas. */
export function policyIds(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String).filter((id) => id !== '');
  if (typeof value !== 'string') return [];
  const trimmed = value.trim();
  if (trimmed.startsWith('[')) {
    try {
      return policyIds(JSON.parse(trimmed));
    } catch {
      return [];
    }
  }
  return trimmed
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}
