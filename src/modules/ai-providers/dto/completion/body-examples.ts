/** A body as the documentation's page proposes it: it is sent with success as it stands, once a provider is there. */
interface BodyExamples {
  [title: string]: { value: object };
}

/** Registers a provider; the key is of the form of one. */
export const REGISTER_EXAMPLES: BodyExamples = {
  openai: {
    value: {
      name: 'OpenAI GPT-4',
      type: 'OPENAI',
      apiKey: 'sk-...',
      model: 'gpt-4',
      pricing: { inputTokenCost: 0.03, outputTokenCost: 0.06, currency: 'USD' },
      priority: 10,
    },
  },
  'any OpenAI-compatible server': {
    value: { name: 'Ollama', type: 'CUSTOM', endpoint: 'http://127.0.0.1:11434/v1', model: 'llama3.2' },
  },
};

export const CHANGE_EXAMPLES: BodyExamples = { priority: { value: { priority: 5 } } };

export const COMPLETION_EXAMPLES: BodyExamples = {
  prompt: {
    value: {
      prompt: 'Explain microservices architecture',
      systemPrompt: 'You are a helpful software architect',
      maxTokens: 500,
    },
  },
  conversation: {
    value: {
      messages: [
        { role: 'user', content: 'What is a circuit breaker?' },
        { role: 'assistant', content: 'It stops calls to what fails.' },
        { role: 'user', content: 'When does it close again?' },
      ],
    },
  },
};
