/** Reads a list that this browser keeps; anything unreadable counts as empty. */
export function readList<T>(key: string, accept: (value: unknown) => value is T): T[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(value) ? value.filter(accept) : [];
  } catch {
    return [];
  }
}

/** Keeps a list in this browser, if it has storage. */
export function writeList(key: string, values: unknown[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(values));
  } catch {
    // A full or forbidden storage costs only the memory of the next visit.
  }
}
