// Reads one JSON object per line: {"secret", "id", "timestamp", "signature", "body", "now"} (now in Unix seconds, the
// receiver's clock). Writes one JSON line per object: what the npm package standardwebhooks says of it, {"error"}, empty
// when it verifies. Argument: the folder that holds node_modules.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const { Webhook } = require('standardwebhooks');

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, id, timestamp, signature, body, now } = JSON.parse(line);
  Date.now = () => now * 1000;
  let error = '';
  try {
    new Webhook(secret).verify(body, {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    });
  } catch (e) {
    error = String(e.message).slice(0, 200) || 'refused';
  }
  process.stdout.write(JSON.stringify({ error }) + '\n');
}
