/** A line of a service's log: when it was written, and what. */
export function lineOf(line: string): { time: string | null; text: string } {
  const match = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?(.*)$/s.exec(line);
  return match ? { time: match[1]!, text: match[2]! } : { time: null, text: line };
}
