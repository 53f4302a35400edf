import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { aggregateMetric } from '../core/harness/aggregate-metric.ts';
import { METRICS } from '../core/harness/metrics.ts';
import { parseTaskConfig } from '../core/harness/parse-config.ts';
import { toTokenRequests } from '../core/harness/requests.ts';
import { toSamplesFile } from '../core/harness/samples-file.ts';
import { toPrompt } from '../core/harness/task.ts';
import { expectAppError } from '../testing/expect-error.ts';
import { readHarnessGoldens, readShippedTask, SHIPPED_TASKS } from '../testing/harness-fixtures.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import '../testing/to-be-all-close.ts';
import { createTokenizer } from './tokenizer.ts';

const PACK = new URL('../../public/packs/atlas/', import.meta.url);
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, PACK)));
const tokenizer = createTokenizer(read('checkpoint/tokenizer.json'), read('checkpoint/tokenizer_config.json'));
const encoding = { encode: tokenizer.encode, beginId: 0, endId: 1, maxTokens: 512 };

/** Between two lists of ids in the hashed stream. */
const SEPARATOR = 0xffff;

test('every task of the fixture is shipped', () => {
  expect(readHarnessGoldens().map(({ task }) => task)).toEqual(SHIPPED_TASKS);
});

describe.each(readHarnessGoldens())('$task', (golden) => {
  const task = readShippedTask(golden.task);

  test('asks the very tokens that PyTorch asks', () => {
    const requests = task.documents.map((document) => toTokenRequests(toPrompt(task, document), encoding));
    expect(requests[0]?.map(({ context, target }) => ({ context, continuation: target }))).toEqual(golden.first);
    const hash = createHash('sha256');
    let tokens = 0;
    for (const ids of requests.flat().flatMap(({ context, target }) => [context, target])) {
      hash.update(Uint16Array.from([...ids, SEPARATOR]));
      tokens += ids.length;
    }
    expect(requests.flat()).toHaveLength(golden.requests);
    expect(tokens).toBe(golden.tokens);
    expect(hash.digest('hex')).toBe(golden.sha256);
  });

  test('has the figures that PyTorch has of the same log-likelihoods', () => {
    const documents = task.documents.filter(({ id }) => golden.ids.includes(id));
    expect(documents.map(({ id }) => id)).toEqual(golden.ids);
    const figures = task.config.metrics.flatMap((name) => {
      const items = documents.map((document, i) => {
        const isGreedy = (golden.greedy[i] ?? []).map((value) => value === 1);
        return METRICS[name].toItem(document, { logLikelihoods: golden.logLikelihoods[i] ?? [], isGreedy });
      });
      const { value, stderr } = aggregateMetric(name, items);
      // A bootstrap's draws are the page's own.
      const isDrawn = METRICS[name].aggregation !== 'mean';
      const own = [name, value] as const;
      return stderr === null || isDrawn ? [own] : [own, [`${name}_stderr`, stderr] as const];
    });
    expect(new Set(figures.map(([name]) => name))).toEqual(new Set(Object.keys(golden.metrics)));
    for (const [name, value] of figures) {
      expect([value], name).toBeAllClose([golden.metrics[name] ?? Number.NaN], TOLERANCES.sums);
    }
  });

  test('leaves the page with the hashes of the harness', async () => {
    const digest = async (text: string) => createHash('sha256').update(text).digest('hex');
    const scores = { logLikelihoods: [-1, -2, -3, -4], isGreedy: [false, false, false, false] };
    const { text } = await toSamplesFile({ task, samples: [{ document: 0, scores, written: ' x' }] }, 0, digest);
    const { doc_hash, prompt_hash, target_hash } = JSON.parse(text);
    expect([doc_hash, prompt_hash, target_hash]).toEqual(golden.hashes);
  });

  test('has subjects, folds and families to be grouped by', () => {
    const isGeneral = golden.task === 'atlas-sentences';
    for (const document of task.documents) {
      expect(document.subject === document.id).toBe(isGeneral);
      expect(document.fold).toMatch(isGeneral ? /^general$/ : /^(A|B|control)$/);
      expect(document.relation).not.toBeNull();
      expect(document.taught).not.toBeNull();
    }
    expect(task.config.tags).toHaveLength(1);
  });
});

test('the task of facts, which needs Jinja, is refused by a key that would be misread', () => {
  expectAppError(() => parseTaskConfig(read('tasks/atlas.json'), 'atlas.json'), 'task-invalid');
});
