import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { RequestJournal } from '../../../src/modules/ai-providers/ledger/journal/request-journal.js';
import { requestEvent } from './request-event.fixture.js';

// A process that keeps eight requests at once in the journal argv[2] with room for argv[3] bytes in a file, as on a disk that
// is full (setrlimit(2)), and says their ids and what `append` gave. Jest's own process would be ended by the signal for it.
const [directory = '', room = ''] = process.argv.slice(2);
const journal = await RequestJournal.open(directory, 10_000_000);
const events = Array.from({ length: 8 }, () => requestEvent());
execFileSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${room}:unlimited`]);
const { lost, fault } = journal.append(events);
const ids = events.map(({ id }) => id);
process.stdout.write(JSON.stringify({ ids, lost, fault: fault instanceof Error ? fault.message : null }));
process.exit();
