import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { collect, exitCode } from './running-service.js';
import { eventually } from '../../integration/support/eventually.js';

const run = promisify(execFile);
const NPM_FLAGS = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
const TYPESCRIPT = resolve('node_modules/typescript/bin/tsc');
const START_TIMEOUT_MS = 120_000;

/** Whether npm can install at all. Without a registry nothing of the package's installation can be tried. */
export async function hasRegistry(): Promise<boolean> {
  const asked = run('npm', ['view', 'reflect-metadata@0.2.2', 'version', ...NPM_FLAGS], { timeout: 60_000 });
  return asked.then(
    ({ stdout }) => stdout.trim() === '0.2.2',
    () => false,
  );
}

export interface Packed {
  /** The archive's path. */
  archive: string;
  /** Paths of what is in it. */
  files: string[];
  /** Removes it. */
  drop: () => Promise<void>;
}

/** `npm pack` of the present build, without building once more. */
export async function pack(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-providers-pack-'));
  await run(process.execPath, ['scripts/declarations.mjs']);
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder, '--loglevel=error'],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  return {
    archive: join(folder, packed.filename),
    files: packed.files.map(({ path }) => path),
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A program of a host while it runs. */
export interface HostProcess {
  url: string;
  /** Asks it to stop, and waits until it has. */
  stop: () => Promise<void>;
}

/** One of `examples/hosts`, in a folder of its own, with the archive installed as any other package. */
export class PackagedHost {
  private constructor(readonly folder: string) {}

  static async install(example: string, archive: string): Promise<PackagedHost> {
    const host = new PackagedHost(await mkdtemp(join(tmpdir(), `ai-providers-${example}-`)));
    await cp(join('examples', 'hosts', example), host.folder, { recursive: true });
    const flags = ['--omit=dev', '--ignore-scripts', ...NPM_FLAGS];
    await run('npm', ['install', archive, ...flags], { cwd: host.folder });
    return host;
  }

  /** What the TypeScript compiler of this repository says to the host's sources; empty where it finds nothing. */
  async compile(...options: string[]): Promise<string> {
    const types = ['--typeRoots', resolve('node_modules/@types')];
    return run(process.execPath, [TYPESCRIPT, '--project', '.', ...types, ...options], {
      cwd: this.folder,
    }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
  }

  /** Runs a program of the host to its end. Gives its exit code and all that it printed. */
  async run(program: readonly string[], env: Record<string, string>): Promise<[number | null, string]> {
    const child = this.spawn(program, env);
    const printed = collect(child);
    return [await exitCode(child), printed()];
  }

  /** Starts a program that serves; rejects with what it printed where it ends instead. */
  async start(program: readonly string[], env: Record<string, string>): Promise<HostProcess> {
    const child = this.spawn(program, { ...env, PORT: '0' });
    const printed = collect(child);
    const url = (): string | undefined => /Listening on (http:[^\s"]+)/.exec(printed())?.[1];
    await eventually(START_TIMEOUT_MS, () => url() !== undefined || child.exitCode !== null);
    const found = url();
    if (found === undefined) throw new Error(`The host did not start:\n${printed()}`);
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      await exitCode(child);
    };
    return { url: found, stop };
  }

  drop(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  private spawn(program: readonly string[], env: Record<string, string>): ReturnType<typeof spawn> {
    return spawn(process.execPath, program, {
      cwd: this.folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
