import { jest } from '@jest/globals';
import fc from 'fast-check';

// Jest prints the seed with its summary; `npm test -- --seed=N` repeats what it drew.
fc.configureGlobal({ seed: jest.getSeed() });
