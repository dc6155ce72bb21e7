// Reads one JSON string per line: the text of a calendar. Writes one JSON line per text: what the npm package ical.js
// sees in it, or an error. Argument: the folder that holds node_modules.
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const found = await import(pathToFileURL(join(process.argv[2], 'node_modules', 'ical.js', 'dist', 'ical.js')));
const ICAL = found.default;

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const calendar = new ICAL.Component(ICAL.parse(JSON.parse(line)));
    const [first, ...more] = calendar.getAllSubcomponents('vevent');
    if (more.length) throw new Error('more than one event');
    const event = new ICAL.Event(first);
    const attendees = first.getAllProperties('attendee');
    answer = {
      method: calendar.getFirstPropertyValue('method'),
      uid: event.uid,
      sequence: event.sequence,
      start: event.startDate.toUnixTime(),
      end: event.endDate.toUnixTime(),
      status: first.getFirstPropertyValue('status'),
      organizer: event.organizer,
      attendees: attendees.map((a) => a.getFirstValue()),
      partstat: attendees.map((a) => a.getParameter('partstat')),
      rsvp: attendees.map((a) => a.getParameter('rsvp')),
    };
  } catch (e) {
    answer = { error: String(e).slice(0, 200) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
