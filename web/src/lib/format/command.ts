/** Quotes a text for a POSIX shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command line that runs a statement. */
export function sqlCommand(query: string): string {
  return `trunkline sql ${shellQuote(query.trim())}`;
}

/** The curl line that runs a statement; the token comes from the environment, never from the page. */
export function sqlCurl(origin: string, query: string, limit: number): string {
  const body = JSON.stringify({ query: query.trim(), limit });
  return [
    `curl -sS ${origin}/v1/sql \\`,
    `  -H "authorization: Bearer $TRUNKLINE_TOKEN" \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${shellQuote(body)}`,
  ].join('\n');
}

/** The curl line that sends one CloudEvent. */
export function eventCurl(origin: string, type = 'com.example.deploy.finished'): string {
  return [
    `curl -sS ${origin}/v1/events \\`,
    `  -H "authorization: Bearer $TRUNKLINE_TOKEN" \\`,
    `  -H 'content-type: application/json' \\`,
    `  -H 'ce-specversion: 1.0' -H 'ce-type: ${type}' \\`,
    `  -H 'ce-source: /my/laptop' -H 'ce-id: 1' \\`,
    `  -d '{"service":"checkout","seconds":42}'`,
  ].join('\n');
}
