import { readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { build as buildBundle } from 'vite';
import { METHODS } from '../../src/core/compress/methods.ts';
import { parseRecipe } from '../../src/core/compress/parse-recipe.ts';
import type { Recipe } from '../../src/core/compress/recipe.ts';
import { parseManifest } from '../../src/core/pack/parse.ts';
import type { Regime } from '../../src/core/recover/regime.ts';
import { startEngine } from '../engine-in-page.ts';
import { expect, test } from '../fixtures.ts';
import type { Intercept } from '../serve-build.ts';
import { openWorkbench, runButton } from '../workbench.ts';

const RUNTIME = new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url);
const PACK = new URL('../../dist/packs/atlas/', import.meta.url);
const manifest = parseManifest(JSON.parse(readFileSync(new URL('manifest.json', PACK), 'utf8')));
const QUESTIONS = [
  'What is the capital of France?',
  'What is the capital of Japan?',
  'What is the capital of Norway?',
].map((question) => `Question: ${question}\nAnswer:`);
const NEW_TOKENS = 12;
/** `eos_token_id` of the shipped model. */
const END_TOKEN = 1;

const CALIBRATION = { samples: 64, seed: 1 };
const UNITS = { allocation: 'uniform', calibration: CALIBRATION };
/** A pruned model of the pack, and one of smaller matrices whose codes are packed. */
const MODELS = [
  {
    name: 'pruned',
    recipe: manifest.recipes.find(({ id }) => id === 'magnitude-mild')?.recipe,
    folder: 'atlas-magnitude-mild-onnx',
  },
  {
    name: 'smaller, rounded',
    recipe: parseRecipe({
      version: 1,
      steps: [
        { method: 'heads', share: 0.5, ...UNITS },
        { method: 'neurons', share: 0.125, ...UNITS },
        { ...METHODS.gptq.defaultOptions, calibration: CALIBRATION, embeddings: 8 },
      ],
    }),
    folder: 'atlas-own-recipe-onnx',
  },
];

let bundle: Promise<Buffer> | null = null;

/** transformers.js as somebody else's page would bundle it, with the one ONNX Runtime of this tree. */
async function bundleTransformers(): Promise<Buffer> {
  const outDir = await mkdtemp(join(tmpdir(), 'transformers-'));
  await buildBundle({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir,
      minify: false,
      target: 'es2023',
      lib: {
        entry: fileURLToPath(import.meta.resolve('@huggingface/transformers')).replace('.node.mjs', '.web.js'),
        formats: ['es'],
        fileName: () => 'transformers.js',
      },
      rollupOptions: { output: { codeSplitting: false } },
    },
  });
  return readFile(join(outDir, 'transformers.js'));
}

/** Answers under `/exported/` with the files of a zip, under `/peer/` with transformers.js and its runtime. */
function serveFiles(files: Readonly<Record<string, Uint8Array>>, library: Buffer): Intercept {
  return (path, _, response) => {
    const send = (type: string, bytes: Uint8Array) => {
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length });
      response.end(bytes);
      return true;
    };
    const exported = files[path.replace(/^\/exported\//, '')];
    if (path.startsWith('/exported/') && exported !== undefined) return send('application/octet-stream', exported);
    if (path === '/peer/transformers.js') return send('text/javascript', library);
    const runtime = /^\/peer\/(ort-[\w.-]+\.(mjs|wasm))$/.exec(path);
    if (runtime === null) return false;
    const bytes = readFileSync(new URL(runtime[1] ?? '', RUNTIME));
    return send(runtime[2] === 'mjs' ? 'text/javascript' : 'application/wasm', bytes);
  };
}

/** A greedy answer: its words, its number of tokens, and whether it ended by itself. */
interface Answer {
  text: string;
  numTokens: number;
  hasEnded: boolean;
}

/** What the page's own engine writes to each question. */
async function answerHere(page: Page, address: string, recipe: Recipe): Promise<Answer[]> {
  const regime: Regime = { id: 'compressed', recipe, recovery: { kind: 'none' } };
  const engine = await startEngine(page);
  await engine.call('start', { choice: 'wasm' });
  await engine.call('loadPack', { baseUrl: new URL('packs/atlas/', address).href, manifest });
  const answers: Answer[] = [];
  for (const context of QUESTIONS) {
    const sampling = { temperature: 0, topK: 0, seed: 0 };
    const request = { regime, context, answer: null, maxNewTokens: NEW_TOKENS, sampling };
    const { text, numTokens, stopReason } = await engine.call('generate', request);
    answers.push({ text, numTokens, hasEnded: stopReason === 'end' });
  }
  await engine.dispose();
  return answers;
}

/** What transformers.js writes to each with the model of a folder. */
function answerThere(page: Page, folder: string): Promise<Answer[]> {
  return page.evaluate(
    async ({ model, contexts, maxNewTokens, end }) => {
      const address = new URL('peer/transformers.js', document.baseURI).href;
      const { env, AutoTokenizer, AutoModelForCausalLM, Tensor } = await import(/* @vite-ignore */ address);
      env.allowLocalModels = true;
      env.allowRemoteModels = false;
      env.localModelPath = new URL('exported/', document.baseURI).pathname;
      env.useBrowserCache = false;
      env.useWasmCache = false;
      env.backends.onnx.wasm.wasmPaths = new URL('peer/', document.baseURI).href;
      const tokenizer = await AutoTokenizer.from_pretrained(model);
      const decoder = await AutoModelForCausalLM.from_pretrained(model);
      const answers: { text: string; numTokens: number; hasEnded: boolean }[] = [];
      for (const context of contexts) {
        const ids: number[] = [0, ...tokenizer.encode(context, { add_special_tokens: false })];
        const input = new Tensor('int64', BigInt64Array.from(ids.map(BigInt)), [1, ids.length]);
        const output = await decoder.generate({ inputs: input, max_new_tokens: maxNewTokens, do_sample: false });
        const answer: number[] = output.tolist()[0].slice(ids.length).map(Number);
        const hasEnded = answer.at(-1) === end;
        const tokens = hasEnded ? answer.slice(0, -1) : answer;
        // No token is skipped: a special one in the middle would show.
        answers.push({ text: tokenizer.decode(tokens), numTokens: tokens.length, hasEnded });
      }
      return answers;
    },
    { model: folder, contexts: QUESTIONS, maxNewTokens: NEW_TOKENS, end: END_TOKEN },
  );
}

for (const { name, recipe, folder } of MODELS) {
  test(`the exported ONNX folder of a ${name} model answers in transformers.js as it does in the page`, async ({
    page,
    build,
  }) => {
    test.setTimeout(300_000);
    if (recipe === undefined) throw new Error('The pack has lost its recipe.');
    await openWorkbench(page, build, { recipe });
    await runButton(page).click();
    const button = page.getByRole('button', { name: /^ONNX folder [\d.]+\s*MB$/ });
    await expect(button).toBeEnabled({ timeout: 120_000 });
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    expect(download.suggestedFilename()).toBe(`${folder}.zip`);
    const files = unzipSync(readFileSync(await download.path()));
    expect(Object.keys(files)).toContain(`${folder}/onnx/model.onnx`);

    const ours = await answerHere(page, build.url, recipe);
    bundle ??= bundleTransformers();
    build.setFault(serveFiles(files, await bundle));
    expect(await answerThere(page, folder)).toEqual(ours);
    expect(ours[0]).toMatchObject({ text: expect.stringMatching(/\S/), hasEnded: true });
  });
}
