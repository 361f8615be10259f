// Publishes and subscribes with MQTT.js over WebSocket, in both versions of the protocol.
//
//   node mqtt_js.mjs URL TOKEN
import { createRequire } from 'node:module';

const { connectAsync } = createRequire(new URL('../../web/package.json', import.meta.url))('mqtt');
const [url, token] = process.argv.slice(2);

for (const protocolVersion of [4, 5]) {
	const client = await connectAsync(url, { protocolVersion, username: 'browser', password: token, reconnectPeriod: 0 });
	const messages = [];
	const all = new Promise((done) => {
		client.on('message', (topic, payload) => {
			messages.push(`${topic} ${payload}`);
			if (messages.length === 3) done();
		});
	});
	await client.subscribeAsync(`js/${protocolVersion}/#`, { qos: 2 });
	for (const qos of [0, 1, 2]) await client.publishAsync(`js/${protocolVersion}/${qos}`, 'x'.repeat(50_000), { qos });
	await all;
	const wanted = [0, 1, 2].map((qos) => `js/${protocolVersion}/${qos} ${'x'.repeat(50_000)}`);
	if (JSON.stringify(messages) !== JSON.stringify(wanted)) throw new Error(`${messages.map((message) => message.slice(0, 40))}`);
	await client.endAsync();
}

const refused = await connectAsync(url, { protocolVersion: 5, username: 'browser', password: 'wrong', reconnectPeriod: 0 }).catch((error) => error);
if (refused.code !== 134) throw new Error(`a wrong password: ${refused}`);
console.log('all well');
