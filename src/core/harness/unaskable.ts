import { AppError } from '../errors.ts';
import type { PromptFault } from './requests.ts';
import type { TaskConfig, TaskDocument } from './task.ts';
import { toLongestField } from './template.ts';

/** A document that cannot be asked. */
export interface UnaskableDocument {
  document: TaskDocument;
  fault: PromptFault;
}

/** Documents that a message names one by one; whoever mends these learns of the next ones. */
const MAX_NAMED = 5;

/** An `input-invalid` error that names line and field of the documents that cannot be asked, the first five of many; of one document at least. */
export function toUnaskableError(config: TaskConfig, unaskable: readonly UnaskableDocument[]): AppError {
  const [first] = unaskable;
  const named = unaskable.slice(0, MAX_NAMED).map(({ document, fault }) => {
    return `in ${document.place}, ${toFields(config, document, fault)} ${fault.what}`;
  });
  const more = unaskable.length - named.length;
  const list = `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  const what = unaskable.length === 1 ? 'One document' : `${unaskable.length} documents`;
  const how = 'Shorten or correct what stands there, or take the lines out of the file.';
  return new AppError('input-invalid', `${what} cannot be asked: ${list}. ${how}`, {
    document: first?.document.id ?? '',
    place: first?.document.place ?? '',
    field: first === undefined ? '' : toContextField(config, first.document),
    observed: first?.fault.what ?? '',
    documents: unaskable.length,
  });
}

/** What of a document is at fault and the verb behind it, by the names of the file. */
function toFields(config: TaskConfig, document: TaskDocument, { kind, choice }: PromptFault): string {
  const continuation = toContinuationField(config, document, choice);
  if (kind === 'nothing-scored') return `${continuation} has`;
  const context = toContextField(config, document);
  return context === continuation ? `${context} has` : `${context} and ${continuation} have together`;
}

function toContextField({ docToText }: TaskConfig, { fields }: TaskDocument): string {
  return toLongestField(docToText, fields) ?? 'doc_to_text';
}

function toContinuationField({ docToChoice, docToTarget }: TaskConfig, { fields }: TaskDocument, choice: number) {
  if (docToChoice === null) return toLongestField(String(docToTarget), fields) ?? 'doc_to_target';
  const field = typeof docToChoice === 'string' ? toLongestField(docToChoice, fields) : null;
  return `${field ?? 'doc_to_choice'}[${choice}]`;
}
