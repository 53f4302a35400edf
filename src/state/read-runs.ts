import { toRecipeKey } from '../core/compress/recipe-key.ts';
import { AppError, toWireError, type WireError } from '../core/errors.ts';
import { quote, recognizeText } from '../core/json.ts';
import { hearStop } from '../engine/stopping.ts';
import { isZip, unzipFiles } from '../engine/text-zip.ts';
import { type NamedBytes, parseHarnessRun } from './harness-run.ts';
import { parseRunFile, type SavedRun, type SavedUnit } from './run-file.ts';

export interface ReadRun {
  /** The file, or the .zip that it came in. */
  fileName: string;
  run: SavedRun;
}

export interface ReadRuns {
  runs: readonly ReadRun[];
  /** What could not be read, file by file. */
  problems: readonly WireError[];
}

/** A file with what it holds. */
interface FoundFile extends NamedBytes {
  kind: 'run' | 'results' | 'samples';
  /** The file that a person brought: itself, or a .zip. */
  fileName: string;
}

/** The runs in some files: ours, results and samples of the harness, and .zip of them. A bad file costs only itself. Rejects with `stopped` once the signal is aborted. */
export async function readRuns(files: readonly NamedBytes[], signal?: AbortSignal): Promise<ReadRuns> {
  const problems: WireError[] = [];
  /** What a piece of work gives; nothing, and a problem more, where it fails. */
  const attempt = <T>(work: () => readonly T[]): readonly T[] => {
    try {
      return work();
    } catch (error) {
      problems.push(toWireError(error));
      return [];
    }
  };
  const found: FoundFile[] = [];
  for (const { path, bytes } of files) {
    const entries = isZip(bytes) ? attempt(() => unzipFiles(bytes, path)) : [{ path, bytes }];
    for (const entry of entries) found.push(...attempt(() => [{ ...entry, kind: toKind(entry), fileName: path }]));
  }
  /** One after the other, so that a page that must read them itself stays at hand: a pair of every question takes a tenth of a second. */
  const readEach = async <T>(of: readonly T[], read: (each: T) => ReadRun) => {
    const runs: ReadRun[] = [];
    for (const each of of) {
      await hearStop(signal);
      runs.push(...attempt(() => [read(each)]));
    }
    return runs;
  };
  const runFiles = found.filter(({ kind }) => kind === 'run');
  const own = await readEach(runFiles, ({ bytes, path, fileName }) => ({ fileName, run: parseRunFile(bytes, path) }));
  const pairs = await readEach(toFolders(found), readPair);
  return { runs: [...own, ...joinRegimes(pairs)], problems };
}

/** By what a file holds, since what is pasted has no name. */
function toKind({ path, bytes }: NamedBytes): FoundFile['kind'] {
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf('\n');
  const line = text.slice(0, end < 0 ? undefined : end);
  if (text.includes('"recall-lab-run"')) return 'run';
  if (line.startsWith('{') && line.includes('"doc_id"')) return 'samples';
  if (text.includes('"results"') && text.includes('"configs"')) return 'results';
  const what = text.trim() === '' ? 'nothing' : (recognizeText(bytes) ?? 'none of them');
  return refuse(
    quote(path),
    `holds ${what}, where a run of this page, results and samples of lm-evaluation-harness or a .zip of them can be read`,
  );
}

/** Files of the harness by their folder. */
function toFolders(found: readonly FoundFile[]): readonly (readonly FoundFile[])[] {
  const folders = new Map<string, FoundFile[]>();
  for (const file of found) {
    if (file.kind === 'run') continue;
    const folder = `${file.fileName === file.path ? '' : file.fileName}/${file.path.slice(0, file.path.lastIndexOf('/') + 1)}`;
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders.values()];
}

/** The results of a folder with their samples. */
function readPair(files: readonly FoundFile[]): ReadRun {
  const samples = files.filter(({ kind }) => kind === 'samples');
  const [results, other] = files.filter(({ kind }) => kind === 'results');
  const name = quote((results ?? samples[0])?.path ?? '');
  if (results === undefined) return refuse(name, 'comes without its results, which say what was asked; bring both');
  if (samples.length === 0) {
    return refuse(name, 'comes without its samples, out of which intervals are made; bring both');
  }
  if (other !== undefined) {
    const problem = `stands beside ${quote(other.path)}, so nobody can tell whose the samples are`;
    return refuse(name, `${problem}; bring one pair at a time, or the .zip of all`);
  }
  return { fileName: results.fileName, run: parseHarnessRun(results, samples) };
}

/** Pairs hold a regime each; those of one recipe, device and time are one run. */
function joinRegimes(pairs: readonly ReadRun[]): readonly ReadRun[] {
  const joined = new Map<string, ReadRun>();
  for (const { fileName, run } of pairs) {
    const { pack, engineVersion, device, textPrompt, recipe } = run;
    const id = JSON.stringify([pack, engineVersion, device, textPrompt, toRecipeKey(recipe)]);
    const before = joined.get(id);
    const isNew = ({ key, fold }: SavedUnit) => run.units.every((unit) => unit.key !== key || unit.fold !== fold);
    const units = [...(before?.run.units ?? []).filter(isNew), ...run.units];
    // None below what one of them waited for.
    const presets = [before?.run.presetItems, run.presetItems].filter((items) => items != null);
    const presetItems = presets.length === 0 ? null : Math.max(...presets);
    joined.set(id, { fileName: before?.fileName ?? fileName, run: { ...run, presetItems, units } });
  }
  return [...joined.values()];
}

function refuse(name: string, problem: string): never {
  throw new AppError('input-invalid', `${name} ${problem}.`, { file: name, observed: problem });
}
