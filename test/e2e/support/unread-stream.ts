import { connect, type Socket } from 'node:net';

/** Asks for a stream over a socket of which nothing is ever read. @param url of the service, its prefix included */
export function openUnreadStream(url: string, body: object = { prompt: 'Hi' }): Socket {
  const { hostname, port, pathname } = new URL(`${url}/ai-providers/complete`);
  const json = JSON.stringify({ ...body, stream: true });
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.on('error', () => socket.destroy());
  socket.write(
    [
      `POST ${pathname} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(json)}`,
      '',
      json,
    ].join('\r\n'),
  );
  return socket;
}
