// Reads a calendar, and writes as JSON what the npm package ical.js sees in it. Argument: the folder that holds node_modules.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const found = await import(pathToFileURL(join(process.argv[2], 'node_modules', 'ical.js', 'dist', 'ical.js')));
const ICAL = found.default;

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')));
const events = calendar.getAllSubcomponents('vevent').map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    summary: event.summary,
    location: event.location,
    url: component.getFirstPropertyValue('url'),
    status: component.getFirstPropertyValue('status'),
    start: event.startDate.toUnixTime(),
    end: event.endDate.toUnixTime(),
  };
});
process.stdout.write(JSON.stringify({ name: calendar.getFirstPropertyValue('x-wr-calname'), events }));
