import type { Checkpoint, ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { parseCheckpoint } from '../core/checkpoint/parse.ts';
import { type CalibrationSentence, toCalibrationSentences } from '../core/compress/calibration-samples.ts';
import { parseCompressedCheckpoint } from '../core/compress/compressed-checkpoint.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import { AppError } from '../core/errors.ts';
import { parseTask } from '../core/eval/tasks.ts';
import { parseJson } from '../core/json.ts';
import type { PackManifest, PackRepair } from '../core/pack/manifest.ts';
import { toDocumentsPath } from '../core/pack/parse.ts';
import { parseRepair } from '../core/recover/parse-repair.ts';
import { parsePoolIndex, toPool } from '../core/recover/pool.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { Repair, SoftPrompt } from '../core/recover/repair.ts';
import { parseSafetensors, type SafetensorsFile, toTensor } from '../core/safetensors/parse.ts';
import type { FileCache } from './cache.ts';
import type { VariantFiles } from './compressor.ts';
import { type DownloadOptions, downloadFile } from './download.ts';
import type { RegimeGolden } from './golden-gate.ts';
import { type GoldenLogits, sampleWidth, TOP_TOKENS } from './golden-logits.ts';
import type { LoadProgress } from './protocol.ts';
import type { TextTokenizer } from './runner-type.ts';
import { stopIfAborted } from './stopping.ts';
import { createTokenizer } from './tokenizer.ts';

interface ReadOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** A pack on its host, read file by file as they are needed; every file is checked against the manifest. */
export interface PackFiles extends VariantFiles {
  /** The checkpoint and its tokenizer, downloaded side by side. */
  readCheckpoint(
    options?: ReadOptions,
  ): Promise<{ checkpoint: Checkpoint; tokenizer: TextTokenizer; sizeBytes: number }>;
  /** The checkpoint's files but its weights, by name: config and tokenizer. */
  readSmallFiles(options?: ReadOptions): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>;
  /** A trained repair; `repair-invalid` where the pack has none of that id. */
  readRepair(id: string, config: ModelConfig, options?: ReadOptions): Promise<Repair>;
  /** What PyTorch answered in a regime; null where the pack has no golden for it (a recipe of one's own, a transferred repair, a text). */
  readGolden(regime: Regime, vocabSize: number, options?: ReadOptions): Promise<RegimeGolden | null>;
  /** Why a file could not be kept for the next visit; null where all were. */
  readonly cacheNotice: string | null;
}

/** The repair that a regime names; null where it needs none. */
export function repairIdOf({ recovery }: Regime): string | null {
  return 'repairId' in recovery ? recovery.repairId : null;
}

/** Name of a regime's tensor in its recipe's golden file; null where that file has none. */
function goldenName({ recovery }: Regime, repair: PackRepair | null): string | null {
  switch (recovery.kind) {
    case 'none':
      return 'none';
    case 'text':
      return null;
    case 'lora-merged':
      return repair && (recovery.recompress ? `${repair.name}/recompressed` : repair.name);
    case 'prompt':
    case 'idp':
    case 'prefix':
    case 'lora-unmerged':
      return repair?.name ?? null;
    default:
      return recovery satisfies never;
  }
}

/** The pack under `baseUrl` (which ends in a slash); nothing is downloaded until it is asked for. */
export function createPackFiles(baseUrl: string, manifest: PackManifest, cache: FileCache | null): PackFiles {
  const filesByPath = new Map(manifest.files.map((file) => [file.path, file]));
  const repairsById = new Map(manifest.repairs.map((repair) => [repair.id, repair]));
  /** Golden files that were read: a recipe's regimes share one. */
  const goldens = new Map<string, SafetensorsFile>();
  let sentences: readonly CalibrationSentence[] | null = null;
  let smallFiles: readonly Uint8Array<ArrayBuffer>[] | null = null;
  let cacheNotice: string | null = null;

  function sizeOf(path: string): number {
    return filesByPath.get(path)?.sizeBytes ?? 0;
  }

  function readFile(path: string, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
    const file = filesByPath.get(path);
    if (!file) {
      const message = `The pack's manifest does not list ${path}. The pack is incomplete; tell the site's owner.`;
      throw new AppError('pack-invalid', message, { path });
    }
    const url = new URL(path.split('/').map(encodeURIComponent).join('/'), baseUrl).href;
    return downloadFile(url, file, {
      ...options,
      cache,
      onCacheNotice: (notice) => {
        cacheNotice ??= notice;
      },
    });
  }

  /** Several files side by side, with one progress over all; the first failure stops the others. */
  async function readFiles(paths: readonly string[], label: string, { signal, onProgress }: ReadOptions = {}) {
    const totalBytes = paths.reduce((sum, path) => sum + sizeOf(path), 0);
    let loadedBytes = 0;
    stopIfAborted(signal);
    const failure = new AbortController();
    const onAbort = () => failure.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.all(
        paths.map((path) =>
          readFile(path, {
            signal: failure.signal,
            onBytes: (delta) => {
              loadedBytes += delta;
              onProgress?.({ phase: 'downloading', loadedBytes, totalBytes, label });
            },
          }),
        ),
      );
    } catch (error) {
      failure.abort();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The adapters of these folders, with one progress over all. */
  async function readAdapters(folders: readonly string[], label: string, config: ModelConfig, options: ReadOptions) {
    const paths = folders.flatMap((folder) => [`${folder}/adapter_config.json`, `${folder}/adapter_model.safetensors`]);
    const files = await readFiles(paths, label, options);
    const none = new Uint8Array();
    return folders.map((_, i) =>
      parseRepair({ config: files[2 * i] ?? none, weights: files[2 * i + 1] ?? none }, config),
    );
  }

  async function readFolder(path: string, config: ModelConfig, options: ReadOptions): Promise<Repair> {
    const [repair] = await readAdapters([path], path, config, options);
    if (repair === undefined) throw new AppError('internal', 'An adapter went missing.');
    return repair;
  }

  async function readPool(path: string, config: ModelConfig, options: ReadOptions): Promise<Repair> {
    const [bytes] = await readFiles([`${path}/pool.json`], path, options);
    const index = parsePoolIndex(parseJson(bytes ?? new Uint8Array(), 'pool.json', 'repair-invalid'));
    const folders = index.prompts.map((folder) => `${path}/${folder}`);
    const prompts = await readAdapters(folders, path, config, options);
    const isPrompt = (repair: Repair): repair is SoftPrompt => repair.kind === 'prompt';
    if (!prompts.every(isPrompt)) {
      throw new AppError('repair-invalid', `The pool ${path} holds a folder that is no soft prompt.`, { path });
    }
    return toPool(prompts, index, config);
  }

  async function readGoldens(path: string, options: ReadOptions): Promise<SafetensorsFile> {
    const known = goldens.get(path);
    if (known) return known;
    const [bytes] = await readFiles([path], path, options);
    const file = parseSafetensors(bytes ?? new Uint8Array());
    goldens.set(path, file);
    return file;
  }

  /** Every task's calibration facts, and the general sentences. */
  async function readCalibration(options: ReadOptions): Promise<readonly CalibrationSentence[]> {
    const tasks = manifest.tasks.flatMap(({ config }) => [config, toDocumentsPath(config)]);
    const general = manifest.calibration === undefined ? [] : [manifest.calibration];
    const files = await readFiles([...tasks, ...general], 'Calibration sentences', options);
    const none = new Uint8Array();
    const parsed = manifest.tasks.map((_, i) => parseTask(files[2 * i] ?? none, files[2 * i + 1] ?? none));
    return toCalibrationSentences(parsed, readLines(files[tasks.length] ?? none));
  }

  function goldenFileOf(recipe: Recipe | null): { path: string; recipeId: string | null } | null {
    if (recipe === null) return { path: manifest.goldens.file, recipeId: null };
    const known = manifest.recipes.find((candidate) => isSameRecipe(candidate.recipe, recipe));
    return known ? { path: known.goldens, recipeId: known.id } : null;
  }

  return {
    dtype: manifest.checkpoint.dtype,
    async readSentences(options = {}) {
      sentences ??= await readCalibration(options);
      return sentences;
    },
    async readVariant(recipe, checkpoint, options = {}) {
      const path = manifest.recipes.find((candidate) => isSameRecipe(candidate.recipe, recipe))?.variant;
      if (path === undefined) return null;
      const [bytes] = await readFiles([path], path, options);
      return parseCompressedCheckpoint(bytes ?? new Uint8Array(), checkpoint, recipe);
    },
    get cacheNotice() {
      return cacheNotice;
    },
    async readCheckpoint(options = {}) {
      const folder = manifest.checkpoint.path;
      const paths = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'].map(
        (name) => `${folder}/${name}`,
      );
      const [config, weights, tokenizer, tokenizerConfig] = await readFiles(paths, manifest.name, options);
      if (!config || !weights || !tokenizer || !tokenizerConfig) throw new AppError('internal', 'A file went missing.');
      return {
        checkpoint: parseCheckpoint(config, [weights]),
        tokenizer: createTokenizer(tokenizer, tokenizerConfig),
        sizeBytes: paths.reduce((sum, path) => sum + sizeOf(path), 0),
      };
    },
    async readSmallFiles(options = {}) {
      const folder = `${manifest.checkpoint.path}/`;
      const own = manifest.files.filter(({ path }) => path.startsWith(folder) && !path.endsWith('.safetensors'));
      const paths = own.map(({ path }) => path);
      const files = smallFiles ?? (await readFiles(paths, manifest.name, options));
      smallFiles = files;
      return new Map(files.map((bytes, i) => [paths[i]?.slice(folder.length) ?? '', bytes]));
    },
    async readRepair(id, config, options = {}) {
      const repair = repairsById.get(id);
      if (!repair) throw new AppError('repair-invalid', `The pack has no repair ${id}.`, { repairId: id });
      return repair.kind === 'pool' ? readPool(repair.path, config, options) : readFolder(repair.path, config, options);
    },
    async readGolden(regime, vocabSize, options = {}) {
      const repairId = repairIdOf(regime);
      const repair = repairId === null ? null : (repairsById.get(repairId) ?? null);
      const source = goldenFileOf(regime.recipe);
      const name = goldenName(regime, repair);
      if (!source || name === null || (repair && repair.recipeId !== source.recipeId)) return null;
      const { tensors } = await readGoldens(source.path, options);
      const contexts = manifest.goldens.contexts.map(({ ids }) => ids);
      const read = (tensorName: string, width: number) => {
        const stored = tensors.get(tensorName);
        if (stored?.shape.join() === [contexts.length, width].join()) return toTensor(stored).data;
        const message = `${source.path} has no golden "${tensorName}" of shape [${contexts.length}, ${width}]. The pack is incomplete.`;
        throw new AppError('pack-invalid', message, { path: source.path, tensor: tensorName });
      };
      const readLogits = (tensorName: string): GoldenLogits => ({
        sampled: read(tensorName, sampleWidth(vocabSize)),
        topIds: Int32Array.from(read(`${tensorName}/top-ids`, TOP_TOKENS)),
        topLogits: read(`${tensorName}/top-logits`, TOP_TOKENS),
      });
      if (repair?.kind !== 'pool') return { contexts, logits: [readLogits(name)], scores: null };
      const count = repair.virtualTokens.length;
      const logits = Array.from({ length: count }, (_, i) => readLogits(`${name}/${i}`));
      return { contexts, logits, scores: read(`${name}/scores`, count) };
    },
  };
}

/** The lines of a text that are not empty; throws `pack-invalid` for bytes that are no UTF-8. */
function readLines(bytes: Uint8Array): string[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.split('\n').filter((line) => line !== '');
  } catch (error) {
    const message =
      "The calibration sentences of the pack are no UTF-8 text. The pack is broken; tell the site's owner.";
    throw new AppError('pack-invalid', message, {}, error);
  }
}
