import type { WireError } from '../core/errors.ts';
import type { Fact, Relation } from '../core/eval/fact.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { RecordedResults } from './results.ts';

export type PackPhase =
  | { status: 'loading' }
  /** Bytes of the model's files, loaded at first, and of all files of the pack. */
  | { status: 'ready'; manifest: PackManifest; modelBytes: number; totalBytes: number }
  | { status: 'failed'; error: WireError };

export type FactsPhase =
  | { status: 'loading' }
  | { status: 'ready'; facts: readonly Fact[]; relations: ReadonlyMap<string, Relation> }
  | { status: 'failed'; error: WireError };

export type RecordedPhase =
  | { status: 'loading' }
  | { status: 'ready'; sets: readonly RecordedResults[] }
  | { status: 'failed'; error: WireError };

export interface PackState {
  pack: PackPhase;
  facts: FactsPhase;
  recorded: RecordedPhase;
  /** Where the pack lies, ending in a slash. */
  baseUrl: string;
  /** Reads manifest, facts and recorded results; what is ready already is left alone, so it is also the "Try again". */
  loadPack(): Promise<void>;
}
