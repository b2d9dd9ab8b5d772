import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { APP_VARIABLES, loadConfig } from '../../src/app-config.js';

interface Container {
  name: string;
  image: string;
  command?: string[];
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  securityContext: {
    readOnlyRootFilesystem: boolean;
    allowPrivilegeEscalation: boolean;
    capabilities: { drop: string[] };
  };
  volumeMounts: { name: string; mountPath: string }[];
  lifecycle?: { preStop: { exec: { command: string[] } } };
  [probe: `${string}Probe`]: { httpGet: { path: string; port: string } } | undefined;
}

interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: {
    terminationGracePeriodSeconds: number;
    securityContext: { runAsNonRoot: boolean; runAsUser: number };
    initContainers: Container[];
    containers: [Container];
    volumes: { name: string }[];
  };
}

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  data: Record<string, string>;
  spec: {
    selector: Record<string, string> & { matchLabels: Record<string, string> };
    ports: { targetPort: string }[];
    template: PodTemplate;
    scaleTargetRef: { kind: string; name: string };
    metrics: { pods: { metric: { name: string } } }[];
  };
}

const FOLDER = 'deploy/kubernetes';

const manifests = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parseAllDocuments(readFileSync(join(FOLDER, name), 'utf8')))
  .map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.join('\n'));
    return document.toJS() as Manifest;
  });

const only = (kind: string, name = 'ai-providers'): Manifest => {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found.length !== 1) throw new Error(`${found.length} manifests are a ${kind} ${name}`);
  return found[0]!;
};

const settings = only('ConfigMap').data;
const { template } = only('Deployment').spec;
const { spec: pod } = template;
const [container] = pod.containers;
const SECRETS = ['AI_ENCRYPTION_KEY', 'AI_ENCRYPTION_IV', 'AI_API_KEYS', 'DATABASE_URL', 'REDIS_URL'];

describe('deploy/kubernetes', () => {
  it('sets only variables that there are, to values that are good, and every other one is a secret', () => {
    expect(
      Object.keys(settings).filter((name) => !APP_VARIABLES.some((variable) => variable.name === name)),
    ).toEqual([]);
    const secrets = {
      AI_ENCRYPTION_KEY: 'k'.repeat(32),
      AI_ENCRYPTION_IV: 'i'.repeat(16),
      AI_API_KEYS: 'ops:admin:secret-0123456789',
      DATABASE_URL: 'postgresql://postgres/ai_providers',
      REDIS_URL: 'redis://redis',
    };
    expect(Object.keys(secrets)).toEqual(SECRETS);
    expect(loadConfig({ ...settings, ...secrets })).toMatchObject({ production: true });
    const operations = readFileSync('docs/operations.md', 'utf8');
    for (const name of SECRETS) expect(operations).toMatch(new RegExp(`${name}\\b`));
    for (const { envFrom } of [container, ...pod.initContainers])
      expect(envFrom).toEqual([
        { configMapRef: { name: 'ai-providers' } },
        { secretRef: { name: 'ai-providers' } },
      ]);
  });

  it('asks the service’s own probes, on its port', () => {
    expect(container.ports).toEqual([{ name: 'http', containerPort: Number(settings['PORT']) }]);
    expect(only('Service').spec.ports).toEqual([expect.objectContaining({ targetPort: 'http' })]);
    expect(template.metadata.annotations).toMatchObject({
      'prometheus.io/port': settings['PORT'],
      'prometheus.io/path': '/api/metrics',
    });
    const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: object };
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
      const { path, port } = container[probe]?.httpGet ?? {};
      expect(port).toBe('http');
      expect(Object.keys(paths)).toContain(path);
    }
    expect(container.livenessProbe?.httpGet.path).toBe('/api/health/live');
    expect(Object.keys(paths)).toContain('/api/metrics');
  });

  it('leaves a pod the time that the service takes to stop', () => {
    const [, pause] = container.lifecycle?.preStop.exec.command ?? [];
    /** Writing the log to its end, and closing the database. */
    const closing = 7;
    const needed = Number(pause) + Number(settings['AI_SHUTDOWN_TIMEOUT_MS']) / 1_000 + closing;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(needed);
  });

  it('runs nothing as root and writes only where a volume is', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1_000 });
    for (const { securityContext, volumeMounts } of [container, ...pod.initContainers]) {
      expect(securityContext).toEqual({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(volumeMounts.map(({ mountPath }) => mountPath)).toEqual([settings['AI_DATA_DIR'], '/tmp']);
      expect(volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
    }
  });

  it('migrates by the command that the image has', () => {
    const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
      services: { migrate: { command: string[]; image: string } };
    };
    const { command, image } = compose.services.migrate;
    expect(pod.initContainers.map((init) => [init.command, init.image])).toEqual([[command, image]]);
    expect(container.image).toBe(image);
  });

  it('means the same pods everywhere', () => {
    const { labels } = template.metadata;
    expect(only('Service').spec.selector).toEqual(labels);
    for (const kind of ['Deployment', 'PodDisruptionBudget'])
      expect(only(kind).spec.selector.matchLabels).toEqual(labels);
  });

  it('scales by a series that the service has, as the adapter’s rule names it', () => {
    const { scaleTargetRef, metrics } = only('HorizontalPodAutoscaler').spec;
    expect(scaleTargetRef).toMatchObject({ kind: 'Deployment', name: 'ai-providers' });
    const [scaled] = metrics.map(({ pods }) => pods.metric.name);
    const series = readFileSync('src/modules/ai-providers/admission/load-series.ts', 'utf8');
    expect(series).toContain(`IN_FLIGHT_SERIES = '${scaled}'`);
    const adapter = parse(readFileSync('deploy/prometheus/prometheus-adapter.values.yaml', 'utf8')) as {
      rules: { custom: { seriesQuery: string; name: { matches: string; as: string } }[] };
    };
    expect(adapter.rules.custom).toHaveLength(1);
    const [rule] = adapter.rules.custom;
    expect(rule?.name).toEqual({ matches: `^${scaled}$`, as: scaled });
    expect(rule?.seriesQuery).toMatch(new RegExp(`^${scaled}\\{`));
  });
});
