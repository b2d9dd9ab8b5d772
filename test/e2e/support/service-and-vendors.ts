import { FakeUpstream } from '../../fakes/upstream/fake-upstream.js';
import { deactivateAll } from './providers.js';
import { RunningService } from './running-service.js';

/** A service and two simulated vendors. */
export interface ServiceAndVendors {
  service: RunningService;
  upstream: FakeUpstream;
  second: FakeUpstream;
}

/**
 * Starts them before a suite and stops them after it. After each test no provider is active and the vendors have
 * forgotten what they were to answer.
 * @param take gets them once they have started
 */
export function startServiceAndVendors(take: (started: ServiceAndVendors) => void): void {
  let service: RunningService;
  let vendors: FakeUpstream[];

  beforeAll(async () => {
    const [started, upstream, second] = await Promise.all([
      RunningService.start(),
      FakeUpstream.start(),
      FakeUpstream.start(),
    ]);
    service = started;
    vendors = [upstream, second];
    take({ service, upstream, second });
  }, 90_000);

  afterEach(async () => {
    await deactivateAll(service);
    vendors.forEach((vendor) => vendor.clear());
  });

  afterAll(async () => {
    await service.stop();
    await Promise.all(vendors.map((vendor) => vendor.stop()));
  });
}
