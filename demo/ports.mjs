import { createServer } from 'node:net';

/** The wanted loopback port where it can be had, else 0, by which the system chooses one. */
export function portOrAny(wanted) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve(wanted)));
  });
}
