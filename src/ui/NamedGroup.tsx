import type { ComponentProps } from 'react';

/** Things that belong together, named for those who do not see it. */
export function NamedGroup(props: Omit<ComponentProps<'div'>, 'role'> & { 'aria-label': string }) {
  // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields
  return <div {...props} role="group" />;
}
