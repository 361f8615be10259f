/** Quotes an SQL identifier where it needs quotes: upper case, odd characters, reserved words. */
export function identifier(name: string): string {
  const plain = /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name);
  return plain ? name : `"${name.replaceAll('"', '""')}"`;
}

/** An SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const RESERVED = new Set(
  (
    'all and any as asc between by case cast column create cross delete desc distinct drop else end except exists false ' +
    'fetch for from full group having in inner insert intersect into is join left like limit natural not null offset on or ' +
    'order outer right select set table then true union unique update user using values when where with'
  ).split(' '),
);
