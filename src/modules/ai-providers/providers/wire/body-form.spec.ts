import { describe, expect, it } from '@jest/globals';
import { formOf } from './body-form.js';

const of = (text: string): string => formOf(Buffer.from(text));

describe('formOf', () => {
  it.each([
    ['json', ['{}', '\ufeff \r\n{"a":1}', '[{}]']],
    [
      'events',
      ['data: {}', 'data:{}', '\ufeffevent: x', ': ping', 'id: 1', 'retry: 5', '\n\ndata: x', 'data\n'],
    ],
    ['other', ['<html>', 'Bad gateway', 'database', 'id 5', '"text"']],
    ['undecided', ['', '\ufeff', ' \n', 'da', 'event', 'r']],
  ])('tells %s', (form, texts) => {
    for (const text of texts) expect([text, of(text)]).toEqual([text, form]);
  });
});
