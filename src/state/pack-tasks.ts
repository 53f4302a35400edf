import { AppError } from '../core/errors.ts';
import { parseTaskConfig } from '../core/harness/parse-config.ts';
import { parseHarnessTask } from '../core/harness/parse-task.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { toFingerprint } from './fingerprint.ts';
import type { LivePack } from './pack-store.ts';
import { toTaskHash } from './task-hash.ts';
import type { TaskEntry } from './task-state.ts';

/** The tasks of the pack that any reader renders, by family as they are tagged; those of facts are asked on the board. */
export async function readPackTasks(pack: LivePack): Promise<readonly TaskEntry[]> {
  const manifest = await pack.whenRead();
  const entries = await Promise.all(listTaskFiles(manifest).map((path) => readPackTask(pack, manifest, path)));
  const toPlace = ({ task }: TaskEntry) => {
    const place = FAMILIES.findIndex((family) => task.config.tags.includes(family));
    return place < 0 ? FAMILIES.length : place;
  };
  return [...entries].sort((one, other) => toPlace(one) - toPlace(other) || (one.id < other.id ? -1 : 1));
}

/** The families of tasks, in the order of the page. */
const FAMILIES = ['knowledge', 'reasoning', 'language'] as const;

function listTaskFiles({ files, tasks }: PackManifest): readonly string[] {
  const ofFacts = new Set(tasks.map(({ config }) => config));
  return files.map(({ path }) => path).filter((path) => /^tasks\/[^/]+\.json$/.test(path) && !ofFacts.has(path));
}

async function readPackTask(pack: LivePack, manifest: PackManifest, path: string): Promise<TaskEntry> {
  const config = parseTaskConfig(await pack.readListed(path), path);
  if (config.documentsFile === null) {
    const message = `${path} names no file of documents in dataset_kwargs. The pack is incomplete; tell the site's owner.`;
    throw new AppError('pack-invalid', message, { path, field: 'dataset_kwargs' });
  }
  const documents = `${path.slice(0, path.lastIndexOf('/'))}/${config.documentsFile}`;
  const task = parseHarnessTask(config, await pack.readListed(documents), documents);
  const hashes = [path, documents].map((name) => manifest.files.find((file) => file.path === name)?.sha256 ?? '');
  return { id: config.task, isOwn: false, fingerprint: toFingerprint(toTaskHash(hashes, task)), task };
}
