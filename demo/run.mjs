// Shows the service at work with simulated OpenAI, Anthropic and Gemini: npm run demo [-- --once]
import { heading, line } from './printing.mjs';
import { Disappointment } from './requests.mjs';
import { play } from './scenario.mjs';
import { startService } from './service.mjs';
import { startVendors } from './vendors.mjs';

const once = process.argv.includes('--once');
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopped.abort(signal));
process.stdout.on('error', () => stopped.abort()); // Nobody reads on: `npm run demo | head`.
const untilStopped = new Promise((resolve) => stopped.signal.addEventListener('abort', () => resolve()));

process.exitCode = await run();

/** The exit code: 0 where every request came back well, also when the service was then left running and stopped. */
async function run() {
  const vendors = await startVendors();
  const service = await startService();
  try {
    const shown = show(service, vendors);
    await Promise.race([shown, untilStopped]);
    if (stopped.signal.aborted) {
      shown.catch(() => undefined); // What was under way when it was stopped may fail.
      return 130;
    }
    if (!once) await stayUp(service);
    return 0;
  } catch (error) {
    process.stderr.write(`\nThe demonstration failed: ${explain(error)}\n`);
    return 1;
  } finally {
    await service.stop();
    await vendors.stop();
  }
}

async function stayUp(service) {
  await Promise.race([untilStopped, service.ended]);
  if (!stopped.signal.aborted) throw new Error('The service ended by itself');
}

async function show(service, vendors) {
  heading('Starting the service on an empty embedded database, which takes some seconds');
  const api = await service.started;
  line('service', api);
  line('vendors', `simulated at ${vendors.url}`);
  await play(api, vendors.providers);
  heading(once ? 'Everything came back as it should' : 'Everything came back; the service runs until Ctrl-C');
  if (!once) {
    line(
      'try',
      `curl -N ${api}/ai-providers/complete -H 'content-type: application/json' -d '{"prompt":"Hello","stream":true}'`,
    );
  }
}

function explain(error) {
  return error instanceof Disappointment ? error.message : (error?.stack ?? String(error));
}
