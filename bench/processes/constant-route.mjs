// The reference for cache hits: a Fastify route that is sent the same as the service and returns a constant, from memory or,
// given the URL of a Redis, from there by a bare GET of the same client.
import Fastify from 'fastify';

const KEY = 'bench:constant';
const [answer, redisUrl] = process.argv.slice(2);
const app = Fastify();
const give = redisUrl === undefined ? () => answer : await fromRedis();

app.post('/complete', async (request, reply) => {
  reply.type('application/json');
  return give();
});

await app.listen({ host: '127.0.0.1', port: 0 });
process.send({ port: app.server.address().port });

async function fromRedis() {
  const { createClient } = await import('redis');
  const client = await createClient({ url: redisUrl }).connect();
  await client.set(KEY, answer);
  return () => client.get(KEY);
}
