import process from 'node:process';

/**
 * Says in one line how many tests did not run and why. Under `CI=true` the run fails by it, as a machine that checks
 * has all that tests need.
 */
export default class LeftOutReporter {
  #error;

  constructor(globalConfig) {
    // Whoever names tests leaves out the others by intent.
    this.isSelection = Boolean(globalConfig.testNamePattern);
  }

  onRunComplete(_contexts, { numPendingTests, testResults }) {
    if (numPendingTests === 0 || this.isSelection) return;
    const files = testResults.filter((file) => file.numPendingTests > 0).length;
    const absent = Object.values(JSON.parse(process.env.TEST_SERVICES)).filter((reason) => reason !== null);
    const reasons = absent.length > 0 ? absent.join(', ') : 'skipped by the specs themselves';
    const line = `LEFT OUT: ${counted(numPendingTests, 'test')} in ${counted(files, 'file')}: ${reasons}`;
    process.stderr.write(`\n${process.stderr.isTTY ? `\u001b[1;33m${line}\u001b[0m` : line}\n`);
    if (process.env.CI === 'true') this.#error = new Error(line);
  }

  getLastError() {
    return this.#error;
  }
}

const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
