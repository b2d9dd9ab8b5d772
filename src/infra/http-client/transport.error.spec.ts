import { toTransportError, TransportError } from './transport.error.js';

const coded = (code: string, more: object = {}): Error =>
  Object.assign(new Error('secret text'), { code, ...more });
const wrapped = (error: unknown, times: number): unknown =>
  times === 0 ? error : new Error('wrapper', { cause: wrapped(error, times - 1) });

describe('toTransportError', () => {
  it.each([
    ['ECONNRESET', 'connection'],
    ['ECONNREFUSED', 'connection'],
    ['ENOTFOUND', 'connection'],
    ['UND_ERR_SOCKET', 'connection'],
    ['HPE_INVALID_CONSTANT', 'connection'],
    ['CERT_HAS_EXPIRED', 'connection'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connection'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connect_timeout'],
    ['UND_ERR_ABORTED', 'aborted'],
  ])('finds %s deep in a chain of causes as %s, without its text', (code, kind) => {
    const found = toTransportError(wrapped(coded(code), 3));
    expect(found?.kind).toBe(kind);
    expect(found?.message).not.toContain('secret');
  });

  it('tells a connection that never came about from one that fell silent', () => {
    expect(toTransportError(coded('ETIMEDOUT', { syscall: 'connect' }))?.kind).toBe('connect_timeout');
    expect(toTransportError(coded('ETIMEDOUT', { syscall: 'read' }))?.kind).toBe('connection');
  });

  it('gives back our own error itself', () => {
    const own = new TransportError('egress_refused', 'no');
    expect(toTransportError(wrapped(own, 2))).toBe(own);
  });

  it('knows nothing of other errors, of values, and of a cause that is its own cause', () => {
    const looped = new Error('loop');
    looped.cause = looped;
    for (const other of [
      new Error('x'),
      new SyntaxError('x'),
      'ECONNRESET',
      null,
      undefined,
      looped,
      coded('EOTHER'),
    ]) {
      expect(toTransportError(other)).toBeUndefined();
    }
  });
});
