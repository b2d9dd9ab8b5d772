import { connect, type Socket } from 'node:net';

/** Asks for a stream, unless the body says otherwise, over a socket of which nothing is read. @param url of the service, its prefix included */
export function openUnreadStream(url: string, body: object = { prompt: 'Hi' }): Socket {
  const { hostname, port, pathname } = new URL(`${url}/ai-providers/complete`);
  const json = JSON.stringify({ stream: true, ...body });
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
