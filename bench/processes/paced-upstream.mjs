// A vendor whose streams come chunk by chunk, each in a write of its own: one every `everyMs`, or where that is 0 as fast as
// they are taken. The last characters of the prompt may say how many chunks there are, as `#1000`.
import { createServer } from 'node:http';
import { CHUNK_MARK, MODEL } from '../workload.mjs';

const { everyMs, chunks, characters = 0 } = JSON.parse(process.argv[2]);
const HEAD = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: MODEL };
const CHUNK = delta({ content: CHUNK_MARK.padEnd(characters, '.') });
const END = Buffer.concat([
  delta({}, 'stop'),
  event({ choices: [], usage: { prompt_tokens: 78, completion_tokens: chunks, total_tokens: 78 + chunks } }),
  Buffer.from('data: [DONE]\n\n'),
]);

const server = createServer((request, response) => {
  const body = [];
  request.on('data', (piece) => body.push(piece));
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const asked = /#(\d+)/.exec(Buffer.concat(body).toString())?.[1];
    const left = asked === undefined ? chunks : Number(asked);
    if (everyMs > 0) inPace(response, left);
    else atOnce(response, left);
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

function inPace(response, left) {
  const send = () => {
    if (response.writableNeedDrain) return;
    response.write(CHUNK);
    if (--left > 0) return;
    clearInterval(timer);
    response.end(END);
  };
  const timer = setInterval(send, everyMs);
  response.once('close', () => clearInterval(timer));
  send();
}

function atOnce(response, left) {
  while (left > 0 && !response.destroyed) {
    left -= 1;
    if (!response.write(CHUNK)) {
      response.once('drain', () => atOnce(response, left));
      return;
    }
  }
  response.end(END);
}

function delta(fields, finishReason = null) {
  return event({ choices: [{ index: 0, delta: fields, logprobs: null, finish_reason: finishReason }] });
}

function event(fields) {
  return Buffer.from(`data: ${JSON.stringify({ ...HEAD, ...fields })}\n\n`);
}
