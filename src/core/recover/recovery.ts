/**
 * The way a variant is helped at inference. `repairId` names a repair of the pack (`<recipe>/<name>`);
 * one trained for another recipe may be applied too and is then labelled transferred.
 */
export type Recovery =
  | { kind: 'none' }
  | { kind: 'text'; text: string }
  | { kind: 'prompt'; repairId: string }
  | { kind: 'idp'; repairId: string }
  | { kind: 'prefix'; repairId: string }
  | { kind: 'lora-merged'; repairId: string; recompress: boolean }
  | { kind: 'lora-unmerged'; repairId: string };
