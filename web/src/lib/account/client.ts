/** A few words for the text with which a browser or program names itself; the text itself where it is short or unknown. */
export function browserOf(client: string): string {
  const browser =
    first(client, [
      [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
      [/\bOPR\/(\d+)/, 'Opera'],
      [/\bFirefox\/(\d+)/, 'Firefox'],
      [/\bFxiOS\/(\d+)/, 'Firefox'],
      [/\b(?:Headless)?Chrom(?:e|ium)\/(\d+)/, 'Chrome'],
      [/\bVersion\/(\d+)[.\d]* (?:Mobile\/\S+ )?Safari\//, 'Safari'],
    ]) ?? null;
  if (!browser) return client === '' ? 'unknown' : client.length > 48 ? `${client.slice(0, 47)}…` : client;
  const system = first(client, [
    [/\b(?:iPhone|iPad)\b/, 'iOS'],
    [/\bAndroid\b/, 'Android'],
    [/\bMac OS X\b/, 'macOS'],
    [/\bWindows\b/, 'Windows'],
    [/\bCrOS\b/, 'ChromeOS'],
    [/\bLinux\b/, 'Linux'],
  ]);
  return system ? `${browser} on ${system}` : browser;
}

function first(text: string, patterns: [RegExp, string][]): string | null {
  for (const [pattern, name] of patterns) {
    const match = pattern.exec(text);
    if (match) return match[1] ? `${name} ${match[1]}` : name;
  }
  return null;
}
