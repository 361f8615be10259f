import type { MadeCertificate } from '$lib/api/fleet';

const DAY = 86_400_000;
const SOON = 30 * DAY;

/** How near the end of a certificate is: over, within 30 days, or far. */
export function endOf(notAfter: string, now: number): 'over' | 'soon' | 'far' {
  const left = Date.parse(notAfter) - now;
  if (left <= 0) return 'over';
  return left <= SOON ? 'soon' : 'far';
}

/** The beginning of an id, as people tell certificates apart. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 12)}…` : id;
}

/** The files that a device needs, under the names that the command beside them uses. Without a key it has that already. */
export function filesOf(made: MadeCertificate): { name: string; text: string }[] {
  return [
    { name: 'root.pem', text: lines(made.root) },
    { name: 'device.pem', text: lines(made.pem) + lines(made.chain) },
    ...(made.private_key ? [{ name: 'device.key', text: lines(made.private_key) }] : []),
  ];
}

/** Whether a text can be a signing request; the platform reads it in earnest. */
export function isRequest(text: string): boolean {
  return /^-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s[\s\S]*-----END (NEW )?CERTIFICATE REQUEST-----$/.test(
    text.trim(),
  );
}

/** PEM texts can be put one after another only where each ends its last line. */
function lines(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
