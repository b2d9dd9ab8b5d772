import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Setting {
  name: string;
  fallback: string;
  meaning: string;
}

describe('docs/configuration.md', () => {
  it('has the variables of .env.example, with their defaults and meanings, and no other', () => {
    const table = settingsOfPage();
    expect(table.length).toBeGreaterThan(0);
    expect(table).toEqual(settingsOfExample());
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

/** The table between the marks. */
function settingsOfPage(): Setting[] {
  const page = readFileSync('docs/configuration.md', 'utf8');
  const [, table] = /<!-- table -->([^]*)<!-- \/table -->/.exec(page) ?? [];
  return [...table!.matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(
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
