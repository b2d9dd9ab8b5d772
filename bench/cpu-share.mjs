import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Control groups of version 1: https://docs.kernel.org/scheduler/sched-bwc.html */
const GROUPS = '/sys/fs/cgroup/cpu';
/** Short, so that a process that has used its share up does not stand still for long. */
const PERIOD_US = 10_000;

/** Whether this machine lets the bench give processes shares of a core. */
export function canLimitCpu() {
  try {
    accessSync(join(GROUPS, 'cpu.cfs_quota_us'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** From now on `pids` get `share` of one core at most, together. Gives what removes their group, once they have ended. */
export function limitCpu(pids, share) {
  const group = join(GROUPS, `ai-providers-bench-${pids[0]}`);
  mkdirSync(group);
  writeFileSync(join(group, 'cpu.cfs_period_us'), `${PERIOD_US}`);
  writeFileSync(join(group, 'cpu.cfs_quota_us'), `${Math.round(PERIOD_US * share)}`);
  for (const pid of pids) writeFileSync(join(group, 'cgroup.procs'), `${pid}`);
  return () => rmdirSync(group);
}
