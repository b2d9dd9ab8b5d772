import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface ComposeService {
  image: string;
  build?: string;
  command?: string[];
  restart: string;
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string | number>;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
}

interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

/** One instruction of a Dockerfile, continued lines joined. */
interface Instruction {
  name: string;
  text: string;
}

const composeText = readFileSync('docker-compose.yml', 'utf8');
const compose = parse(composeText, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const stages = stagesOf(readFileSync('Dockerfile', 'utf8'));
const finalStage = stages.at(-1) ?? [];

/** Variables that belong to the images of the neighbours and not to the service. */
const NEIGHBOURS_OWN = ['POSTGRES_PASSWORD'];

describe('docker-compose.yml', () => {
  it('watches the health of every service that stays', () => {
    const watched = ([, { build, healthcheck }]: [string, ComposeService]): boolean =>
      healthcheck === undefined
        ? build !== undefined && argumentsOf('HEALTHCHECK').length > 0
        : healthcheck.test !== undefined && healthcheck.disable !== true;
    expect(
      services.filter(([, { restart }]) => restart !== 'no').filter((service) => !watched(service)),
    ).toEqual([]);
  });

  it('uses no variable but those of .env.example and of the images beside it', () => {
    const known = [...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    const used = [...composeText.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => ![...known, ...NEIGHBOURS_OWN].includes(name))).toEqual([]);
    expect(
      Object.keys(compose.services['app']?.environment ?? {}).filter((name) => !known.includes(name)),
    ).toEqual([]);
  });

  it.each(['AI_ENCRYPTION_KEY', 'AI_ENCRYPTION_IV', 'AI_API_KEYS', 'POSTGRES_PASSWORD'])(
    'refuses to start without %s',
    (name) => {
      const uses = [...composeText.matchAll(new RegExp(`\\$\\{${name}([^}]*)\\}`, 'g'))].map(
        ([, rest]) => rest,
      );
      expect(uses.length).toBeGreaterThan(0);
      expect(uses.filter((rest) => rest?.startsWith(':?') !== true)).toEqual([]);
    },
  );

  it('starts the service once the migrations have been applied to a healthy database', () => {
    const { app, migrate } = compose.services;
    expect(app?.depends_on?.['migrate']?.condition).toBe('service_completed_successfully');
    expect(migrate?.command).toEqual(['node', 'dist/cli/migrate.js']);
    expect(migrate?.depends_on?.['postgres']?.condition).toBe('service_healthy');
    expect(migrate?.environment).toEqual(app?.environment);
  });

  it('publishes the port of the service alone', () => {
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['app']);
  });

  it('declares every volume it mounts', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]));
    expect(mounted.filter((name) => !(name! in compose.volumes))).toEqual([]);
  });
});

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

describe('Dockerfile', () => {
  it('ends as a user that is not root', () => {
    expect(argumentsOf('USER').at(-1)).toBe('node');
  });

  it('copies only what exists, is not ignored, or was built', () => {
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n').filter(Boolean);
    const sources = stages
      .flat()
      .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
      .flatMap(({ text }) => text.split(/\s+/).slice(0, -1));
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => !existsSync(source) || ignored.includes(source))).toEqual([]);
  });

  it('runs what the build makes', () => {
    const commands = [
      JSON.parse(argumentsOf('CMD').at(-1)!) as string[],
      compose.services['migrate']?.command ?? [],
    ];
    for (const [program, ...args] of commands) {
      expect(program).toBe('node');
      const script = args.find((arg) => !arg.startsWith('-'));
      expect(existsSync(script!.replace(/^dist/, 'src').replace(/\.js$/, '.ts'))).toBe(true);
    }
  });

  it('starts the service as npm start does', () => {
    expect((JSON.parse(argumentsOf('CMD').at(-1)!) as string[]).join(' ')).toBe(scripts['start']);
  });

  it('is made and run on one exact version of Node, which is one of those that CI runs the specs on', () => {
    const versions = new Set(
      stages.map(
        ([from]) => /^node:(\d+\.\d+\.\d+)-bookworm-slim\b/.exec(from?.text ?? '')?.[1] ?? from?.text,
      ),
    );
    const checked =
      /^ *for version in (.*); do$/m.exec(readFileSync('.ci/run', 'utf8'))?.[1]?.split(' ') ?? [];
    expect([...versions].map((version) => checked.includes(version ?? ''))).toEqual([true]);
  });

  it('runs scripts that package.json has', () => {
    const runs = [
      ...stages
        .flat()
        .map(({ text }) => text)
        .join('\n')
        .matchAll(/npm run ([\w:-]+)/g),
    ];
    expect(runs.map(([, name]) => name).filter((name) => !(name! in scripts))).toEqual([]);
  });

  it.each([
    { status: 200, exitCode: 0 },
    { status: 503, exitCode: 1 },
  ])('finds the service healthy or not by its answer $status', async ({ status, exitCode }) => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      expect(await runHealthCheck((server.address() as AddressInfo).port)).toBe(exitCode);
      expect(asked).toEqual(['/api/health/live']);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  it('finds a service that does not listen unhealthy', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    expect(await runHealthCheck(port)).toBe(1);
  });
});

function stagesOf(dockerfile: string): Instruction[][] {
  const found: Instruction[][] = [];
  const lines = dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  for (const line of lines) {
    const [, name, text] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || text === undefined) throw new Error(`Not an instruction: ${line}`);
    if (name === 'FROM') found.push([]);
    found.at(-1)?.push({ name, text });
  }
  return found;
}

/** What the final stage says under an instruction. */
function argumentsOf(name: string): string[] {
  return finalStage.filter((instruction) => instruction.name === name).map(({ text }) => text);
}

async function runHealthCheck(port: number): Promise<number | null> {
  const [, command] = /CMD\s+(\[.*\])$/.exec(argumentsOf('HEALTHCHECK')[0] ?? '') ?? [];
  const [program, ...args] = JSON.parse(command!) as [string, ...string[]];
  const child = spawn(program, args, { env: { ...process.env, PORT: String(port) }, stdio: 'ignore' });
  return new Promise((done) => child.once('exit', done));
}
