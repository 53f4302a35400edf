import { Tokenizer } from '@huggingface/tokenizers';
import { AppError } from '../core/errors.ts';
import { isObject, parseJson } from '../core/json.ts';
import type { TextTokenizer } from './runner-type.ts';

interface AddedToken {
  id: number;
  content: string;
}

function parseAddedTokens(value: unknown): AddedToken[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (token): token is AddedToken =>
      isObject(token) && typeof token.id === 'number' && typeof token.content === 'string',
  );
}

/**
 * The tokenizer of a Hugging Face folder. Special tokens come from us alone: text that spells `<|end|>` encodes as those characters.
 * Throws `tokenizer-invalid`.
 */
export function createTokenizer(tokenizerBytes: Uint8Array, configBytes: Uint8Array): TextTokenizer {
  const tokenizerJson = parseJson(tokenizerBytes, 'tokenizer.json', 'tokenizer-invalid');
  const configJson = parseJson(configBytes, 'tokenizer_config.json', 'tokenizer-invalid');
  if (!isObject(tokenizerJson) || !isObject(configJson) || !isObject(tokenizerJson.model)) {
    throw new AppError(
      'tokenizer-invalid',
      'tokenizer.json describes no tokenizer: it has no "model". Load the file that belongs to the model.',
    );
  }
  const specialIds = new Set(parseAddedTokens(tokenizerJson.added_tokens).map((token) => token.id));
  let tokenizer: Tokenizer;
  try {
    // Without its added tokens the library never looks for their names in a text.
    tokenizer = new Tokenizer({ ...tokenizerJson, added_tokens: [] }, configJson);
    tokenizer.encode('probe', { add_special_tokens: false });
  } catch (error) {
    const message =
      'tokenizer.json describes a tokenizer that cannot be built. Load the file that belongs to the model.';
    throw new AppError('tokenizer-invalid', message, { raw: String(error) }, error);
  }
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode(ids) {
      const plain = ids.filter((id) => !specialIds.has(id));
      return plain.length === 0 ? '' : tokenizer.decode(plain, { clean_up_tokenization_spaces: false });
    },
  };
}
