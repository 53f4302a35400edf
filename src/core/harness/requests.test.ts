import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { inferTask } from './infer-task.ts';
import { toTaskConfig } from './parse-config.ts';
import { parseHarnessTask } from './parse-task.ts';
import { toDocumentScores, toTokenRequests } from './requests.ts';
import { toPrompt } from './task.ts';

/** Pieces of two letters or of one other sign: `ab` is one token, `a` and `b` apart are two, so where a text is cut matters. */
const pieces = (text: string) => text.match(/[a-z]{1,2}|[^a-z]/gu) ?? [];
const toId = (piece: string) => 2 + [...piece].reduce((id, sign) => id * 200 + (sign.codePointAt(0) ?? 0), 0);
const encode = (text: string) => pieces(text).map(toId);
const encoding = { encode, beginId: 0, endId: 1, maxTokens: 8 };

const requestsOf = (fields: Record<string, unknown>, maxTokens = 100) => {
  const task = inferTask(new TextEncoder().encode(JSON.stringify(fields)), 'mine', 'pasted text');
  const [document] = task.documents;
  return document === undefined ? [] : toTokenRequests(toPrompt(task, document), { ...encoding, maxTokens });
};

/** A target right behind its context, with no blank between them. */
const requestsWithout = (context: string, target: string) => {
  const keys = { task: 't', output_type: 'loglikelihood', doc_to_text: 'context', doc_to_target: 'target' };
  const documents = new TextEncoder().encode(JSON.stringify({ id: 'q7', context, target }));
  const task = parseHarnessTask(toTaskConfig(keys, 't.json'), documents, 't.jsonl');
  return task.documents.flatMap((document) => toTokenRequests(toPrompt(task, document), encoding));
};

describe('a document in tokens', () => {
  it('is one request per choice, behind the begin token', () => {
    const context = [0, ...encode('it is')];
    expect(requestsOf({ context: 'it is', choices: ['me', 'you'], label: 0 })).toEqual([
      { choice: 0, context, target: encode(' me') },
      { choice: 1, context, target: encode(' you') },
    ]);
  });

  it('is scored with its end token where the model must stop by itself', () => {
    const context = [0, ...encode('it is')];
    expect(requestsOf({ context: 'it is', answer: 'me' })).toEqual([
      { choice: 0, context, target: [...encode(' me'), 1] },
    ]);
    expect(requestsOf({ context: 'it is', target: 'me' })).toEqual([{ choice: 0, context, target: encode(' me') }]);
  });

  it('has the white space at the end of its context in the continuation', () => {
    expect(requestsOf({ context: 'it is \n', target: 'me' })).toEqual([
      { choice: 0, context: [0, ...encode('it is')], target: encode(' \n me') },
    ]);
  });

  it('is encoded as a whole and cut where the context alone ends', () => {
    // "abc" alone is ab|c; with "def" behind it ab|cd|ef, so that the first letter of it is cut off with the context.
    expect(requestsWithout('abc', 'def')).toEqual([
      { choice: 0, context: [0, toId('ab'), toId('cd')], target: [toId('ef')] },
    ]);
  });

  it('is refused where its continuation is lost in the last token of its context', () => {
    expect(expectAppError(() => requestsWithout('abc', 'd'), 'input-invalid').message).toContain('q7');
  });

  it('follows the begin token alone where it has no context', () => {
    expect(requestsOf({ text: 'it is' })).toEqual([{ choice: 0, context: [0], target: encode('it is') }]);
    expect(requestsOf({ context: '', target: 'me' })).toEqual([{ choice: 0, context: [0], target: encode(' me') }]);
  });

  it('goes through in windows where it is longer than the model can read', () => {
    const ids = encode('0123456789');
    expect(requestsOf({ text: '0123456789' }, 4)).toEqual([
      { choice: 0, context: [0], target: ids.slice(0, 4) },
      { choice: 0, context: ids.slice(3, 4), target: ids.slice(4, 8) },
      { choice: 0, context: ids.slice(5, 8), target: ids.slice(8, 10) },
    ]);
  });

  it('has every token of a text scored once, in windows that the model can read', () => {
    checkProperty(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), (length, maxTokens) => {
        const text = '7'.repeat(length);
        const windows = requestsOf({ text }, maxTokens);
        expect(windows.flatMap(({ target }) => target)).toEqual(encode(text));
        for (const { context, target } of windows) {
          expect(context.length).toBeGreaterThan(0);
          expect(context.length + target.length - 1).toBeLessThanOrEqual(maxTokens);
        }
      }),
    );
  });

  it('is refused, by its id, where the model cannot read it or nothing is left to score', () => {
    const rejects = (fields: Record<string, unknown>, maxTokens?: number) =>
      expectAppError(() => requestsOf({ id: 'q7', ...fields }, maxTokens), 'input-invalid').message;
    expect(rejects({ context: '012345', target: '67' }, 8)).toContain('q7');
    expect(requestsOf({ context: '012345', target: '6' }, 8)).toHaveLength(1);
    expect(rejects({ context: '012345', answer: '67' }, 9)).toContain('10 tokens');
    expect(rejects({ context: 'a', choices: ['b'.repeat(2), 'c'], label: 0 }, 1)).toContain('q7');
  });
});

describe('scores of requests', () => {
  const request = (choice: number) => ({ choice, context: [0], target: [2] });
  const score = (logLikelihood: number, isRight: boolean) => ({ logLikelihood, isRight });

  it('are those of the choices', () => {
    const scores = toDocumentScores([request(0), request(1)], [score(-1, true), score(-2, false)]);
    expect(scores).toEqual({ logLikelihoods: [-1, -2], isGreedy: [true, false] });
  });

  it('add up over the windows of a text', () => {
    const windows = [request(0), request(0), request(0)];
    const sum = toDocumentScores(windows, [score(-1, true), score(-2, false), score(-4, true)]);
    expect(sum).toEqual({ logLikelihoods: [-7], isGreedy: [false] });
  });
});
