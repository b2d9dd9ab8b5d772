import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Setting {
  name: string;
  fallback: string;
  meaning: string;
}

const readme = readFileSync('README.md', 'utf8');
const documents = ['README.md', ...markdownUnder('docs')];

describe('README.md', () => {
  it('has the variables of .env.example, with their defaults and meanings, and no other', () => {
    const table = settingsOfReadme();
    expect(table.length).toBeGreaterThan(0);
    expect(table).toEqual(settingsOfExample());
  });

  it('names only variables that there are', () => {
    const known = settingsOfExample().map(({ name }) => name);
    const named = [...readme.matchAll(/\bAI_[A-Z_]*[A-Z]\b(?!\*)/g)].map(([name]) => name);
    expect(
      named.filter((name) => !known.some((other) => other === name || other.startsWith(`${name}_`))),
    ).toEqual([]);
  });
});

describe.each(documents)('%s', (path) => {
  const text = readFileSync(path, 'utf8');

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...text.matchAll(/npm (?:run )?([a-z]+(?::[a-z]+)*)/g)]
      .map(([, name]) => name!)
      .filter((name) => name !== 'ci');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('links only to what is there', () => {
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, target]) => target!);
    expect(targets.filter((target) => !existsSync(join(dirname(path), target)))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  const text = readFileSync('docs/architecture.md', 'utf8');

  it('shows every room', () => {
    const rooms = ['src', 'src/infra', 'src/modules', 'src/modules/ai-providers'].flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== 'generated')
        .map(({ name }) => name),
    );
    expect(rooms.filter((name) => !text.includes(`${name}/`))).toEqual([]);
  });

  it('names only code that there is', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
      .map((name) => readFileSync(join('src', name), 'utf8'))
      .join('\n');
    const named = [...text.matchAll(/`([A-Za-z]+[a-z][A-Z]\w+)`/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !sources.includes(name))).toEqual([]);
  });
});

function settingsOfReadme(): Setting[] {
  return [...readme.matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(
    ([, name, fallback, meaning]) => ({
      name: name!,
      fallback: fallback === 'unset' ? '' : fallback!.replaceAll('`', ''),
      meaning: meaning!,
    }),
  );
}

function settingsOfExample(): Setting[] {
  const lines = readFileSync('.env.example', 'utf8').matchAll(/^# (.+)\n([A-Z_]+)=(.*)$/gm);
  return [...lines].map(([, meaning, name, fallback]) => ({
    name: name!,
    fallback: fallback!,
    meaning: meaning!,
  }));
}

function markdownUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name));
}
