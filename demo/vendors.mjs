import { LLMock } from '@copilotkit/aimock';
import { portOrAny } from './ports.mjs';

/** Where the README's commands expect the vendors. */
const PORT = 4010;

/** What a prompt must contain to meet OpenAI on a bad day. */
export const OUTAGE = 'outage';

/** Each a provider to register, in the order of preference; prices are per 1,000 tokens and may not be the vendor's. */
const VENDORS = [
  {
    type: 'OPENAI',
    name: 'OpenAI (simulated)',
    model: 'gpt-5.4-mini',
    base: '/v1',
    pricing: [0.00075, 0.0045],
  },
  {
    type: 'ANTHROPIC',
    name: 'Anthropic (simulated)',
    model: 'claude-haiku-4-5',
    base: '',
    pricing: [0.001, 0.005],
  },
  {
    type: 'GOOGLE',
    name: 'Gemini (simulated)',
    model: 'gemini-3.5-flash',
    base: '',
    pricing: [0.0003, 0.0025],
  },
];

/** Starts one server on a loopback port, 4010 where it is free, that speaks the three vendors' APIs. */
export async function startVendors() {
  const mock = new LLMock({ port: await portOrAny(PORT), host: '127.0.0.1', chunkSize: 14 });
  mock.on(
    { userMessage: OUTAGE, model: 'gpt-5.4-mini' },
    { error: { message: 'The simulated vendor is having an outage', type: 'server_error' }, status: 500 },
  );
  mock.on({ predicate: () => true }, answerTo, { streamingProfile: { ttft: 120, tps: 12 } });
  await mock.start();
  return {
    url: mock.url,
    providers: VENDORS.map((vendor, index) => registration(vendor, mock.url, (VENDORS.length - index) * 10)),
    stop: () => mock.stop(),
  };
}

function registration({ type, name, model, base, pricing }, url, priority) {
  const [inputTokenCost, outputTokenCost] = pricing;
  return {
    name,
    type,
    model,
    apiKey: 'no-real-key-is-needed',
    endpoint: url + base,
    priority,
    retryAttempts: 2,
    retryDelay: 50,
    pricing: { inputTokenCost, outputTokenCost, currency: 'USD' },
  };
}

function answerTo({ model, messages }) {
  const asked = messages.findLast(({ role }) => role === 'user')?.content;
  const prompt = typeof asked === 'string' ? asked : JSON.stringify(asked);
  const content = `This is a simulated answer in the voice of ${model}, piece by piece where a stream was asked for. The prompt was: ${prompt}`;
  return { content, usage: usageOf(tokensIn(prompt), tokensIn(content)) };
}

/** About four characters a token. */
const tokensIn = (text) => Math.ceil(text.length / 4);

/** In each vendor's own words; a vendor's API leaves out the others'. */
function usageOf(prompt, answer) {
  return {
    prompt_tokens: prompt,
    completion_tokens: answer,
    input_tokens: prompt,
    output_tokens: answer,
    promptTokenCount: prompt,
    candidatesTokenCount: answer,
  };
}
