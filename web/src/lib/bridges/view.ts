import { SIGHT_DAYS } from '$lib/devices/query';

/** Which bridges are shown. */
export type BridgeShow = 'all' | 'troubled';

export function bridgesLink(show: BridgeShow): string {
  return show === 'all' ? '/bridges' : `/bridges?show=${show}`;
}

export function readShow(parameters: URLSearchParams): BridgeShow {
  return parameters.get('show') === 'troubled' ? 'troubled' : 'all';
}

/** What happened to bridges, the newest first. */
export function bridgeEventsQuery(): string {
  return `SELECT time, type, subject AS bridge, data
FROM events
WHERE type LIKE 'trunkline.fleet.bridge.%'
  AND time > now() - INTERVAL '${SIGHT_DAYS} days'
ORDER BY "offset" DESC`;
}

/** The line that makes a bridge out of an example; it is run in the folder of the workspace. */
export const EXAMPLE = `mkdir -p bridge && cat > bridge/aws.toml <<'END'
server = "mqtts://example-ats.iot.eu-central-1.amazonaws.com:8883"
client_id = "site-7"
preset = "aws"                        # the limits of AWS IoT Core
authority_file = "/etc/trunkline/aws/root.pem"
certificate_file = "/etc/trunkline/aws/site-7.pem"
key_file = "/etc/trunkline/aws/site-7.key"

[[out]]
filter = "dt/#"
remote_prefix = "site-7/"

[[in]]
filter = "cmd/#"
remote_prefix = "site-7/"
END`;
