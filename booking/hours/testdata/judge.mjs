// Reads one JSON string per line (a value), writes one JSON line per value: the open intervals of 2026 in Unix
// seconds, as the npm package opening_hours sees them, or an error. Arguments: the folder that holds node_modules.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'judge.js'));
const found = require('opening_hours');
const OpeningHours = found.default ?? found;
const place = {
  lat: 43.3, lon: 5.4,
  address: { country_code: 'fr', country: 'France', state: "Provence-Alpes-Côte d'Azur", county: 'Bouches-du-Rhône' },
};
const from = new Date(2026, 0, 1), to = new Date(2027, 0, 1);

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const hours = new OpeningHours(JSON.parse(line), place, { locale: 'fr', tag_key: 'opening_hours' });
    answer = {
      open: hours.getOpenIntervals(from, to)
        .filter(([, , unknown]) => !unknown)
        .map(([start, end]) => [start.getTime() / 1000, end.getTime() / 1000]),
      warnings: hours.getWarnings().length,
    };
  } catch (e) {
    answer = { error: String(e).slice(0, 200) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
