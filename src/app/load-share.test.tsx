import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { makeCapture, makeMatrixReport, makePatchMap } from '../testing/make-captures.ts';
import { makeResultSet } from '../testing/make-results.ts';
import { makeStores } from '../testing/make-stores.ts';
import { renderWithStores } from '../testing/render-with-stores.tsx';
import { loadShare } from './load-share.tsx';

const DENSE = { id: 'dense', recipe: null, recovery: { kind: 'none' } } as const;
const CONTEXT = 'Question: What is the capital of France?';

it('puts what was looked at inside into the same zip as the figures of the page, behind them and under names of its own', async () => {
  const writeZip = vi.fn(async () => null);
  const of = makeCapture({ regime: DENSE, context: CONTEXT, answer: 'Paris' });
  const patch = { regime: DENSE, donor: DENSE, receiver: DENSE, context: CONTEXT };
  const stores = makeStores({
    share: { writeZip },
    evaluate: { live: makeResultSet() },
    inside: { kept: () => [{ key: 'dense', of }] },
    insideMatrix: { kept: () => [{ key: 'dense', of: makeMatrixReport(DENSE, 'model.layers.0.mlp.up_proj') }] },
    insidePatch: {
      kept: () => [
        { donor: 'dense', receiver: 'compressed', of: makePatchMap({ ...patch, of: 'residual' }) },
        { donor: 'idp', receiver: 'compressed', of: makePatchMap({ ...patch, of: 'residual' }) },
      ],
    },
  });
  const Share = await loadShare();
  renderWithStores(<Share />, stores);
  fireEvent.click(screen.getByRole('button', { name: 'All tables, CSV' }));
  await waitFor(() => expect(writeZip).toHaveBeenCalledOnce());
  const [, made] = writeZip.mock.calls[0] as unknown as [string, Iterable<{ path: string; content: Iterable<string> }>];
  const files = new Map([...made].map(({ path, content }) => [path, [...content].join('')]));
  const paths = [...files.keys()];
  expect(paths.slice(0, 4)).toEqual(['accuracy', 'damage', 'latency', 'sizes'].map((name) => `atlas_${name}.csv`));
  expect(paths.slice(4)).toEqual([
    ...[1, 2, 3].map((layer) => `atlas_attention-layer-${layer}.csv`),
    'atlas_answer-by-layer.csv',
    'atlas_patching-residual.csv',
    ...['weights', 'pattern', 'single-weights'].map((name) => `atlas_${name}-dense-model-layers-0-mlp-up-proj.csv`),
  ]);
  const [head = '', ...lines] = files.get('atlas_patching-residual.csv')?.trimEnd().split('\r\n') ?? [];
  expect(head).toMatch(
    /^recipe,question,right answer,donor,receiver,layer,.*,source,device,runs on,is software,date,file$/,
  );
  for (const line of lines) {
    expect(line).toMatch(/^Magnitude 60 %,What is the capital of France\?,Paris,(dense|idp),compressed,.*,live,/);
  }
  expect(new Set(lines.map((line) => line.split(',')[3]))).toEqual(new Set(['dense', 'idp']));
});
