import { LeanBody } from './lean-body.js';

const IDLE = { pause: () => undefined, resume: () => undefined, abort: () => undefined };

describe('LeanBody.takeWhole', () => {
  it('gives a body that has come, once', async () => {
    const body = new LeanBody(IDLE, 100);
    body.push(Buffer.from('one '));
    body.push(Buffer.from('two'));
    body.end();
    expect(body.takeWhole()?.toString()).toBe('one two');
    expect(body.used).toBe(true);
    expect(body.takeWhole()).toBeNull();
    await expect(body.text()).rejects.toThrow('read already');
  });

  it('takes nothing of one that is still to come, has broken off, or is being read', async () => {
    const coming = new LeanBody(IDLE, 100);
    coming.push(Buffer.from('part'));
    expect(coming.takeWhole()).toBeNull();
    coming.end();
    expect((await coming.next()).value?.toString()).toBe('part');
    expect(coming.takeWhole()).toBeNull();

    const broken = new LeanBody(IDLE, 100);
    broken.push(Buffer.from('part'));
    broken.fail(new Error('broke off'));
    expect(broken.takeWhole()).toBeNull();
    await expect(broken.text()).rejects.toThrow('broke off');
  });
});
