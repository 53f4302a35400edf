import { quote, recognizeText } from '../core/json.ts';
import type { GivenFile } from './given-file.ts';

/** Files by where on the page they belong. */
export interface SortedFiles {
  /** Runs of this page, results and samples of the harness, and .zip of them. */
  runs: readonly GivenFile[];
  /** Documents, and a task file. */
  task: readonly GivenFile[];
  /** A sentence on each file that belongs nowhere. */
  refused: readonly string[];
}

type Place = 'run' | 'documents' | 'task file' | 'other JSON';

/** As much as either place reads of one file. Larger ones go by their name, as do those that cannot be read: there they are refused, in words. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Where files belong that were dropped beside their places: by their endings, and those that several kinds share by what they hold. */
export async function sortFiles(files: readonly GivenFile[]): Promise<SortedFiles> {
  const places = await Promise.all(files.map((file) => findPlace(file)));
  const at = (wanted: readonly Place[]) => files.filter((_, i) => wanted.some((place) => place === places[i]));
  const hasDocuments = places.includes('documents');
  const refused = places.flatMap((place, i) => {
    if (place === 'other JSON' && !hasDocuments)
      return [`${quote(files[i]?.path ?? '')} holds no run and no task file.`];
    return typeof place === 'string' ? [] : [place.refusal];
  });
  return {
    runs: at(['run']),
    // Beside documents it was meant as their task file: what is wrong with it is told there, where they are not asked without it.
    task: at(['documents', 'task file', ...(hasDocuments ? (['other JSON'] as const) : [])]),
    refused,
  };
}

async function findPlace(file: GivenFile): Promise<Place | { refusal: string }> {
  const { path, sizeBytes } = file;
  if (path.endsWith('/')) return { refusal: `${quote(path)} is a folder. Drop the files in it.` };
  const ending = /\.(zip|json|jsonl|ndjson)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) return { refusal: `${quote(path)} is no .json, .jsonl or .zip file.` };
  if (ending === 'zip') return 'run';
  const byName = ending === 'json' ? 'run' : 'documents';
  if (sizeBytes > MAX_BYTES) return byName;
  const text = await file.read().then(
    (bytes) => new TextDecoder().decode(bytes),
    () => null,
  );
  if (text === null) return byName;
  return ending === 'json' ? toJsonPlace(text, path) : toLinesPlace(text);
}

function toJsonPlace(text: string, path: string): Place | { refusal: string } {
  if (text.includes('"recall-lab-run"') || (text.includes('"results"') && text.includes('"configs"'))) return 'run';
  if (text.includes('"output_type"') || text.includes('"doc_to_text"')) return 'task file';
  const found = recognizeText(new TextEncoder().encode(text.slice(0, 100)));
  return found === null ? 'other JSON' : { refusal: `${quote(path)} holds ${found}, no run and no task file.` };
}

/** Samples of the harness tell in each line how a document was answered. */
function toLinesPlace(text: string): Place {
  const end = text.indexOf('\n');
  const line = text.slice(0, end < 0 ? undefined : end);
  return line.includes('"doc_id"') && line.includes('"resps"') ? 'run' : 'documents';
}
