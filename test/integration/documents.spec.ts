import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { linesOf } from '../e2e/support/documented-commands.js';
import { anchorsOf, blocksIn, DOCUMENTS, fencedBlocks } from './support/document.reader.js';

/** Each is checked: the first three by running it, the others below or by a reader's eye. */
const LANGUAGES = ['bash', 'console', 'ts', 'json', 'mermaid', 'properties', ''];

const scripts = Object.keys(
  (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
);
/** npm's own commands. */
const NPM = ['ci', 'install', 'pack'];

describe.each(DOCUMENTS)('%s', (path) => {
  const text = readFileSync(path, 'utf8');

  it('names only npm scripts that there are', () => {
    const named = [...text.matchAll(/npm (?:run )?([a-z]+(?::[a-z]+)*)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !NPM.includes(name) && !scripts.includes(name))).toEqual([]);
  });

  it('links only to what is there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.filter(([, target, anchor]) => {
      const linked = target === '' ? path : join(dirname(path), target!);
      return !existsSync(linked) || (anchor !== undefined && !anchorsOf(linked).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('names only paths that there are, in commands too', () => {
    const words = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code!.split(/\s+/));
    const paths = words.filter((word) =>
      /^(src|test|docs|prisma|deploy|bench|demo|examples|scripts)\/[^<…*]*$/.test(word),
    );
    expect(paths.filter((named) => !existsSync(named))).toEqual([]);
  });

  it('has its requests in console blocks, where what comes back is compared', () => {
    const requests = blocksIn('bash').filter((block) => block.path === path && /^curl /m.test(block.text));
    // The example's own requests, which are sent to it.
    expect(path.startsWith('examples/') ? [] : requests).toEqual([]);
  });

  it('has only blocks of languages that are checked, and closes each', () => {
    const blocks = fencedBlocks(path);
    expect(blocks.map(({ language }) => language).filter((name) => !LANGUAGES.includes(name))).toEqual([]);
    expect(text.match(/^ *```/gm)?.length ?? 0).toBe(2 * blocks.length);
  });

  it('speaks of variables that there are', () => {
    const known = readFileSync('.env.example', 'utf8').match(/^[A-Z_]+(?==)/gm) ?? [];
    const named = text.match(/\bAI_[A-Z_]*[A-Z]\b(?!\*)/g) ?? [];
    expect(
      named.filter((name) => !known.some((other) => other === name || other.startsWith(`${name}_`))),
    ).toEqual([]);
  });
});

describe('a block of a document', () => {
  it.each(blocksIn('bash'))('in bash can be read by bash: $text', ({ text }) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each(blocksIn('json'))('in JSON is JSON: $text', ({ text }) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it.each(blocksIn('properties'))('of settings names variables of a file beside it: $text', ({ text }) => {
    const known = readFileSync('.env.example', 'utf8') + readFileSync('docker-compose.yml', 'utf8');
    const names = linesOf(text).map((line) => line.split('=')[0]!);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(blocksIn('bash').filter(({ needs }) => needs !== undefined))(
    'that needs $needs uses commands and files that are known: $text',
    ({ text }) => {
      const commands = linesOf(text);
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) {
        expect(command).toMatch(
          /^(docker compose (up|down|pull|build)|kubectl (-n \S+ )?(create|apply|rollout))\b/,
        );
        const files = [...command.matchAll(/-f (\S+)/g)].map(([, file]) => file!);
        expect(files.filter((file) => !existsSync(file))).toEqual([]);
      }
    },
  );
});

describe('docs/clients.md', () => {
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: object };
  const foreign = Object.keys(paths).flatMap((path) => /ai-providers(\/v1.*)$/.exec(path)?.[1] ?? []);
  const [there, notThere] = readFileSync('docs/clients.md', 'utf8').split('## What is not there');

  it('names each path of a foreign wire format that there is', () => {
    expect(foreign.length).toBeGreaterThan(1);
    expect(foreign.filter((path) => !there!.includes(path))).toEqual([]);
  });

  it('says of none that it is not there', () => {
    const missing = [...notThere!.matchAll(/`(\/v1[^`…]*)…?`/g)].map(([, path]) => path!);
    expect(missing.length).toBeGreaterThan(2);
    expect(missing.filter((path) => foreign.some((other) => other.startsWith(path)))).toEqual([]);
  });
});

describe('the size of', () => {
  it.each([
    ['README.md', 10_000],
    ['docs/performance.md', 8_192],
  ])('%s is at most %d bytes', (path, limit) => {
    expect(statSync(path).size).toBeLessThanOrEqual(limit);
  });
});

describe('docs/operations.md', () => {
  const { groups } = parse(readFileSync('docs/grafana/ai-providers.rules.yml', 'utf8')) as {
    groups: { rules: { alert: string; annotations: { runbook?: string } }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);

  it('has a runbook for each alert rule, which the rule names', () => {
    expect(rules.length).toBeGreaterThan(0);
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
      expect(anchorsOf('docs/operations.md')).toContain(alert.toLowerCase());
    }
  });

  it('says what to do at each alert of the service', () => {
    const { components } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
      components: { schemas: { AlertDto: { properties: { type: { enum: string[] } } } } };
    };
    const types = components.schemas.AlertDto.properties.type.enum;
    const operations = readFileSync('docs/operations.md', 'utf8');
    const monitoring = readFileSync('docs/monitoring.md', 'utf8');
    expect(types.length).toBeGreaterThan(3);
    for (const type of types) {
      expect(operations).toContain(`| \`${type}\``);
      expect(monitoring).toContain(`| \`${type}\``);
    }
  });
});
