// Reads one JSON object per line: {"rule", "start": "YYYY-MM-DDTHH:MM:SS", "from", "to"} (wall times as seconds since
// 1970). Writes one JSON line per object: the wall times of the rule from "from" up to "to", as the npm package ical.js
// sees them, or an error. Argument: the folder that holds node_modules.
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const found = await import(pathToFileURL(join(process.argv[2], 'node_modules', 'ical.js', 'dist', 'ical.js')));
const ICAL = found.default;
const mostSteps = 200_000;

for await (const line of createInterface({ input: process.stdin })) {
  const { rule, start, from, to } = JSON.parse(line);
  let answer;
  try {
    const iterator = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateTimeString(start));
    const walls = [];
    for (let n = 0, t = iterator.next(); t; t = iterator.next(), n++) {
      const wall = Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second) / 1000;
      if (wall >= to) break;
      if (n > mostSteps) throw new Error('too many steps');
      if (wall >= from) walls.push(wall);
    }
    answer = { walls };
  } catch (e) {
    answer = { error: String(e).slice(0, 200) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
